"""Messages a minute, by carrier and outcome, on home."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
import time_machine
from django.template.loader import render_to_string

from messaging.messages.models import Message
from orbit.console.home import traffic_chart
from orbit.console.home.charts import Hour
from tests.orbit.console.scenery import build

NOW = datetime(2026, 3, 4, 15, 20, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


def test_each_number_and_each_minute_leads_to_what_it_counts(operator):
    build(24)
    traffic = operator.get("/admin/").context["traffic"]
    assert len(traffic) == traffic_chart.SHOWN
    numbers = [(each["count"], each["url"]) for one in traffic for each in one["outcomes"]]
    numbers += [(one["total"], one["url"]) for one in traffic]
    assert len(numbers) > 8
    for count, url in numbers:
        assert operator.get(url).context["cl"].result_count == count
    for one in traffic:
        spots = [spot.url for spot in one["chart"].spots if spot.url]
        counts = [operator.get(url).context["cl"].result_count for url in spots[:9]]
        assert min(counts) > 0
        assert len(spots) <= one["total"]


def test_what_has_no_carrier_has_a_chart_too_and_older_ones_have_none(operator):
    build(24)
    Message.objects.update(carrier=None)
    (only,) = traffic_chart.charts()["traffic"]
    hour = Message.objects.filter(created_at__gte=Hour(NOW).start).count()
    assert (only["name"], only["total"]) == ("no carrier", hour)
    assert 0 < hour < Message.objects.count()
    assert operator.get(only["url"]).context["cl"].result_count == hour


def test_only_so_many_are_looked_at(db, monkeypatch):
    build(24)
    monkeypatch.setattr(traffic_chart, "MOST", 30)
    found = traffic_chart.charts()
    assert found["cut"] == 30
    assert "the newest 30 only" in render_to_string("console/home/traffic.html", found)


def test_a_quiet_hour_says_so(db):
    assert traffic_chart.charts() == {"traffic": [], "more_carriers": 0, "cut": 0}
    assert "None." in render_to_string("console/home/traffic.html", traffic_chart.charts())


def test_an_hour_is_sixty_minutes_with_a_label_at_each_quarter(db):
    hour = Hour(NOW)
    assert (hour.start, hour.slot_start(60)) == (NOW.replace(hour=14, minute=21, second=0),
                                            NOW.replace(minute=21, second=0))  # fmt: skip
    assert [label for _, label in hour.ticks()] == ["14:30", "14:45", "15:00", "15:15"]
    assert hour.slot_of(NOW - timedelta(minutes=3)) == 56


def test_its_charts_are_well_formed(db):
    build(24)
    for each in traffic_chart.charts()["traffic"]:
        html = render_to_string("console/fragments/chart.html", {"chart": each["chart"]})
        ElementTree.fromstring(html)
        assert 'viewBox="0 0 60 100"' in html
