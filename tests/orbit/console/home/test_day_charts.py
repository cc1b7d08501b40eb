"""What the charts of home draw: binds at their worst, quarter by quarter, and pass times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
import time_machine
from django.core.cache import cache
from django.template.loader import render_to_string

from messaging.credentials.models import Credential, CredentialStatus
from orbit.console.home import bind_chart, pass_chart
from orbit.console.home.charts import Chart, Day, bars, stacked
from reconciler.models import BindChange, Gateway, Run
from reconciler.status import pass_durations
from tests.factories import make_organization
from tests.orbit.console.scenery import build

NOW = datetime(2026, 3, 4, 15, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield
    cache.clear()


@pytest.fixture
def credential(db) -> Credential:
    row = Credential.objects.create(
        organization=make_organization(), name="One", host="127.0.0.1", system_id="one",
        password="s3cr3t", password_set_at=NOW,
    )  # fmt: skip
    CredentialStatus.objects.create(credential=row, bind_state="bound", bind_since=NOW)
    Credential.objects.update(created_at=NOW - timedelta(days=2))
    return row


def tell(credential: Credential, *told: tuple[int, str, str]) -> None:
    """Changes: minutes ago, before, state."""
    BindChange.objects.bulk_create(
        BindChange(
            credential=credential, at=NOW - timedelta(minutes=ago), before=before, state=state
        )
        for ago, before, state in told
    )


def said() -> list[str]:
    """What each quarter hour tells, without when it was."""
    return [spot.title.partition(": ")[2] for spot in bind_chart.chart()["bind_chart"].spots]


def test_a_bind_that_nothing_became_of_was_there_all_day(credential):
    assert said() == ["1 bound"] * 96


def test_a_short_outage_is_not_lost_in_its_quarter_hour(credential):
    tell(credential, (62, "bound", "unbound"), (60, "unbound", "bound"))

    at = [(95 - x, each) for x, each in enumerate(reversed(said())) if each != "1 bound"]
    assert at == [(91, "at worst 1 unbound; 2 changes")]


def test_in_the_first_quarter_hour_nothing_is_drawn_and_nothing_untrue_is_said(credential):
    tell(credential, (5, "", "bound"))

    html = render_to_string("console/home/binds.html", bind_chart.chart())
    assert "1 change<" in html
    assert "No bind has been there for a whole quarter hour yet." in html


def test_before_it_was_made_there_was_no_bind(credential):
    tell(credential, (5 * 60, "", "bound"))

    assert said()[:75] == ["none"] * 75
    assert said()[75] == "at worst none; 1 change"
    assert said()[76:] == ["1 bound"] * 20


def test_a_bind_is_not_older_than_its_credential(credential):
    """Its first state was there from the start, and no change says so."""
    Credential.objects.update(created_at=NOW - timedelta(minutes=25))
    tell(credential, (24, "binding", "bound"))

    assert said() == ["none"] * 93 + ["at worst 1 binding; 1 change", "1 bound", "1 bound"]


def test_a_bind_of_which_nothing_is_known_yet_is_not_older_than_its_credential(credential):
    Credential.objects.update(created_at=NOW - timedelta(minutes=25))
    CredentialStatus.objects.update(bind_state="binding", bind_since=None)

    assert said() == ["none"] * 93 + ["1 binding"] * 3


def test_what_was_longer_ago_than_a_day_does_not_count(credential):
    tell(credential, (25 * 60, "bound", "unbound"))

    assert said() == ["1 bound"] * 96
    assert bind_chart.chart()["bind_changes"]["count"] == 0


def test_of_very_many_changes_the_newest_are_drawn(credential, monkeypatch):
    monkeypatch.setattr(bind_chart, "MOST", 2)
    tell(
        credential,
        (120, "unbound", "bound"),
        (60, "bound", "unbound"),
        (30, "unbound", "bound"),
        (5, "bound", "unbound"),
    )
    CredentialStatus.objects.update(bind_state="unbound")

    chart = bind_chart.chart()
    assert (chart["bind_changes"]["count"], chart["bind_cut"]) == (2, 2)
    told = said()
    known = [each for each in told if not each.startswith("before the newest")]
    assert told[-4:] == known  # those behind the quarter of the third newest
    assert "at worst 1 unbound; 1 change" in known


def test_a_deleted_credential_is_in_neither_the_chart_nor_the_number(credential):
    tell(credential, (60, "unbound", "bound"))
    Credential.objects.update(deleted_at=NOW)

    assert bind_chart.chart()["bind_changes"]["count"] == 0
    assert bind_chart.chart()["bind_chart"] is None


def test_a_gateway_without_passes_has_no_chart_and_one_with_passes_tells_their_times(db):
    Gateway.objects.create(name="idle", jcli_host="127.0.0.1", http_url="http://127.0.0.1:1")
    busy = Gateway.objects.create(name="busy", jcli_host="127.0.0.1", http_url="http://127.0.0.1:2")
    for seconds in (0.1, 0.3):
        pass_durations.record(busy.pk, seconds=seconds, failed=seconds == 0.3)
    Run.objects.create(gateway=busy, trigger="beat", started_at=NOW)

    first, second = pass_chart.charts()["pass_charts"]

    assert (first["gateway"], first["passes"], first["mean"], first["runs"]["count"]) == (
        busy, 2, "0.20 s", 1,
    )  # fmt: skip
    last = first["chart"].spots[-1]
    told = "15:15–15:30 UTC: 2 passes, mean 0.20 s, slowest 0.30 s; 1 failed; 1 did something"
    assert last.title == told
    assert "created=2026-03-04T15%3A15" in last.url
    assert [each.path for each in first["chart"].areas] == [
        "M95,100H96V0H95Z", "M95,100H96V33.33H95Z", "M95,100H96V0H95Z",
    ]  # fmt: skip
    assert second["chart"] is None


def test_only_some_gateways_have_room(db):
    for number in range(6):
        Gateway.objects.create(name=f"g{number}", jcli_host="127.0.0.1", http_url="http://h:1")

    found = pass_chart.charts()
    assert (len(found["pass_charts"]), found["more_gateways"]) == (4, 2)


def test_areas_stand_on_each_other_and_what_stays_is_one_box():
    values = [{"a": 1, "b": 1}, {"a": 1, "b": 1}, {"b": 2}]
    lower, upper = stacked(values, {"a": "success", "b": "danger"}, 2)

    assert lower.path == "M0,100H2V50H0Z"
    assert upper.path == "M0,50H2V0H0ZM2,100H3V0H2Z"
    assert bars([0, 0], 1) == ""


def test_ticks_are_hours_of_the_clock_with_room_for_their_letters():
    assert Day(NOW).ticks() == [
        (10.42, "18:00"), (35.42, "00:00"), (60.42, "06:00"), (85.42, "12:00"),
    ]  # fmt: skip
    assert Day(NOW.replace(hour=18)).ticks() == [
        (22.92, "00:00"), (47.92, "06:00"), (72.92, "12:00"),
    ]  # fmt: skip


@pytest.mark.parametrize("rows", [8, 600])
def test_a_chart_is_well_formed_and_small(db, rows):
    build(rows)
    charts: list[Chart] = [bind_chart.chart()["bind_chart"]]
    charts += [each["chart"] for each in pass_chart.charts()["pass_charts"]]
    for chart in charts:
        html = render_to_string("console/fragments/chart.html", {"chart": chart})
        ElementTree.fromstring(html)
        assert "<script" not in html
        assert len(html) < 50_000
