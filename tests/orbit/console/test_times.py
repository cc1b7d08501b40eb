"""Times are in the viewer's zone, with UTC beside, in one format."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone

from messaging.campaigns.models import Campaign
from messaging.notices.models import NoticeSilence
from orbit.console import times
from orbit.console.home.charts import Day, Hour
from orbit.console.links import address
from tests.orbit.console.scenery import build

OSLO, KOLKATA = "Europe/Oslo", "Asia/Kolkata"
NOON = datetime(2026, 11, 30, 12, 5, 12, tzinfo=UTC)


def text_of(moment: datetime, zone: str) -> str:
    with timezone.override(ZoneInfo(zone)):
        return re.sub(r"<[^>]+>", "", times.when(moment))


@pytest.mark.parametrize(
    ("moment", "zone", "shown"),
    [
        (NOON, "UTC", "2026-11-30 12:05:12 UTC"),
        (NOON, OSLO, "2026-11-30 13:05:12 12:05 UTC"),
        (NOON, KOLKATA, "2026-11-30 17:35:12 12:05 UTC"),
        (datetime(2026, 11, 30, 20, 0, tzinfo=UTC), KOLKATA, "2026-12-01 01:30:00 11-30 20:00 UTC"),
        # The clock of Oslo shows 02:30 twice on this day: UTC says which.
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), OSLO, "2026-10-25 02:30:00 00:30 UTC"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), OSLO, "2026-10-25 02:30:00 01:30 UTC"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), OSLO, "2026-03-29 03:00:00 01:00 UTC"),
    ],
)
def test_a_moment_is_shown_in_the_zone_with_utc_beside(moment, zone, shown):
    assert text_of(moment, zone) == shown


def test_the_exact_time_on_hover_names_the_zone_and_utc():
    template = Template("{% load console %}{{ at|ago }}")
    with timezone.override(ZoneInfo(OSLO)):
        text = template.render(Context({"at": NOON}))
    assert 'datetime="2026-11-30T12:05:12Z"' in text
    assert 'title="2026-11-30 13:05:12 CET, 2026-11-30 12:05:12 UTC"' in text


def test_the_ticks_of_charts_stand_at_the_hours_of_the_viewers_clock():
    with timezone.override(ZoneInfo(KOLKATA)):
        day, hour = Day(NOON), Hour(NOON)
        assert [label for _, label in day.ticks()] == ["00:00", "06:00", "12:00"]
        assert [label for _, label in hour.ticks()] == ["16:45", "17:00", "17:15", "17:30"]
        assert hour.slot_label(59) == "17:35–17:36 IST"
    with timezone.override(ZoneInfo(OSLO)):  # a day of 25 hours
        day = Day(datetime(2026, 10, 25, 10, 0, tzinfo=UTC))
        assert [label for _, label in day.ticks()] == ["18:00", "00:00", "06:00"]
        at = day.slot_of(datetime(2026, 10, 25, 0, 45, tzinfo=UTC))
        assert day.slot_label(at) == "02:45–02:00 CET"


def in_zone(client, zone: str):
    client.cookies[times.COOKIE] = zone
    return client


@pytest.mark.django_db
def test_lists_and_pages_are_in_the_zone_of_the_cookie_and_charts_name_it(operator):
    with time_machine.travel(NOON, tick=False):
        build(8)
        client = in_zone(operator, KOLKATA)
        for name in ("messaging/message", "messaging/notice", "messaging/webhook",
                     "accounts/auditevent", "accounts/apikey", "accounts/user",
                     "reconciler/gateway", "reconciler/run"):  # fmt: skip
            text = client.get(f"/admin/{name}/").text.partition('id="content"')[2]
            assert text, name
            assert "p.m." not in text and "a.m." not in text, name
            assert "(UTC)" not in text, name
        message = client.get("/admin/messaging/message/?created=any").text
        assert re.search(r"<span>2026-11-30 1[67]:\d\d:\d\d</span> <small>1[012]:\d\d UTC", message)
        campaign = Campaign.objects.exclude(started_at=None).first()
        assert "2026-11-30 16:45:12" in client.get(address(campaign)).text
        assert f'<span class="oc-top oc-zone">{KOLKATA}</span>' in client.get("/admin/").text
        usage = client.get("/admin/console/usage/").text
        assert f'<span class="oc-top oc-zone">{KOLKATA}</span>' not in usage  # sums are by UTC
    assert timezone.get_current_timezone_name() == "UTC"  # the request has left nothing behind


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "\\000", "x" * 3000])
def test_what_is_no_zone_is_utc(operator, zone):
    text = in_zone(operator, zone).get("/admin/messaging/message/").text
    assert 'name="typed_from"' in text
    with time_machine.travel(NOON, tick=False):
        build(4)
        assert "UTC</span></time>" in operator.get("/admin/messaging/message/").text


@pytest.mark.django_db
def test_a_maintenance_is_planned_in_the_zone(operator):
    sent = {"kind": "bind", "start": "2030-03-08T22:00", "end": "2030-03-09T02:00", "why": "move"}
    in_zone(operator, KOLKATA).post("/admin/console/notices/plan/", sent)
    row = NoticeSilence.objects.get()
    assert row.start == datetime(2030, 3, 8, 16, 30, tzinfo=UTC)


@pytest.mark.django_db
def test_usage_takes_a_span_in_the_zone_and_says_what_is_none(operator):
    client = in_zone(operator, KOLKATA)
    page = "/admin/console/usage/?by=day"
    asked = client.get(f"{page}&start=2026-11-01T05:30&end=2026-11-02").context["asked"]
    assert asked["start"] == datetime(2026, 11, 1, 0, 0, tzinfo=UTC)
    assert asked["end"] == datetime(2026, 11, 1, 19, 0, tzinfo=UTC)
    for text in ("soon", "0001-01-01T00:00", "9999-12-31T23:59"):
        assert "is no date and time" in client.get(f"{page}&start={text}").text
