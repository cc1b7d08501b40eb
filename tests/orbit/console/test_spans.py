"""Free spans of time: typed in the viewer's zone, with a clear word where they can't be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from orbit.console import spans
from orbit.console.long_lists import CreatedFilter
from tests.orbit.console.scenery import build

LISTS = [
    "messaging/message", "messaging/inboundmessage", "messaging/campaign", "messaging/optout",
    "messaging/carriertest", "accounts/auditevent", "reconciler/bindchange", "reconciler/run",
]  # fmt: skip


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "text", "meant"),
    [
        ("UTC", "2026-11-30T18:05", at(2026, 11, 30, 18, 5)),
        ("Europe/Oslo", "2026-11-30 18:05:30", at(2026, 11, 30, 17, 5, 30)),
        ("Asia/Kolkata", "2026-11-30T18:05", at(2026, 11, 30, 12, 35)),
        ("Asia/Kolkata", "2026-11-30", at(2026, 11, 29, 18, 30)),
        ("Asia/Kolkata", "2026-1-5", at(2026, 1, 4, 18, 30)),
        ("Europe/Oslo", "2026-03-29T02:30", at(2026, 3, 29, 1, 30)),  # skipped by the clock
        ("Europe/Oslo", "2026-10-25T02:30", at(2026, 10, 25, 0, 30)),  # twice on the clock
        ("Europe/Oslo", "2026-11-30T18:05Z", at(2026, 11, 30, 18, 5)),
    ],
)
def test_a_moment_is_read_in_the_viewers_zone(zone, text, meant):
    with timezone.override(ZoneInfo(zone)):
        assert spans.typed(text, "").start == meant


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-13-01", "2026-11-30T25:00", "0001-01-01", "9999-12-31", "\0", "1"]
)
def test_what_is_no_moment_is_said_with_an_example(text):
    assert spans.EXAMPLE in spans.typed("", text).fault
    assert spans.typed(text, "").fault.startswith("From: ")


def test_an_end_before_the_start_is_said():
    assert "ends before it begins" in spans.typed("2026-11-30", "2026-11-29").fault


def rows_of(client, name: str, **query: str):
    return client.get(f"/admin/{name}/?{urlencode(query)}")


@pytest.mark.django_db
def test_every_list_with_a_time_takes_a_free_span(operator):
    build(4)
    now = timezone.now()
    early = f"{now - timedelta(hours=3):%Y-%m-%dT%H:%M}"
    future = f"{now + timedelta(days=1):%Y-%m-%dT%H:%M}"
    for name in LISTS:
        some = rows_of(operator, name, typed_from=early, typed_to=future)
        assert f'type="datetime-local" name="typed_from" value="{early}"' in some.text, name
        assert some.context["cl"].result_count, name
        none = rows_of(operator, name, typed_from=future)
        assert none.context["cl"].result_count == 0, name
        bad = rows_of(operator, name, typed_to="soon")
        assert bad.context["cl"].result_count == 0
        assert bad.text.count("is no date and time") > 1, name  # above the list, in the filter
    both = rows_of(operator, LISTS[0], typed_to=early, created="hour").context["cl"]
    assert both.result_count == 0


@pytest.mark.django_db
def test_choices_drop_what_was_typed_and_the_form_keeps_what_was_chosen(operator):
    build(4)
    typed = rows_of(operator, "messaging/message", typed_from="2026-01-01T00:00")
    (each,) = [x for x in typed.context["cl"].filter_specs if isinstance(x, CreatedFilter)]
    assert all("typed_from" not in c["query_string"] for c in each.choices(typed.context["cl"]))
    assert "Only those of the time since 2026-01-01 00:00 UTC" in typed.text
    chosen = rows_of(operator, "messaging/message", created="week").text
    assert '<input type="hidden" name="created" value="week">' in chosen


@pytest.mark.django_db
def test_the_span_of_a_chart_stands_in_the_inputs(operator):
    build(4)
    span = "2026-11-30T17:05:00+00:00/2026-11-30T17:06:00+00:00"
    text = rows_of(operator, "messaging/message", created=span).text
    assert 'name="typed_from" value="2026-11-30T17:05"' in text
    assert 'name="typed_to" value="2026-11-30T17:06"' in text


def test_a_moment_that_the_viewers_zone_has_no_year_for_is_left_out_of_the_input():
    with timezone.override(ZoneInfo("Asia/Kolkata")):
        assert spans.for_input(at(9999, 12, 31, 23, 0)) == ""
        assert spans.for_input(at(2026, 11, 30, 18, 5)) == "2026-11-30T23:35"
