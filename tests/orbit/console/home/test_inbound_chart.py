"""Texts of phones a minute, on home."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
import time_machine
from django.template.loader import render_to_string

from orbit.console.home import inbound_chart
from tests.orbit.console.scenery import build

NOW = datetime(2026, 3, 4, 15, 20, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


def test_each_number_and_each_minute_leads_to_what_it_counts(operator):
    build(60)
    context = operator.get("/admin/").context
    numbers = [(each["count"], each["url"]) for each in context["inbound"]]
    assert len(numbers) == 3
    numbers.append((context["inbound_total"], context["inbound_url"]))
    for count, url in numbers:
        assert operator.get(url).context["cl"].result_count == count
    spots = [spot.url for spot in context["inbound_chart"].spots if spot.url]
    counts = [operator.get(url).context["cl"].result_count for url in spots[:5]]
    assert min(counts) > 0
    assert len(spots) <= context["inbound_total"]


def test_only_so_many_are_looked_at_and_a_quiet_hour_says_so(monkeypatch):
    assert "None." in render_to_string("console/home/inbound.html", inbound_chart.chart())
    build(10)
    monkeypatch.setattr(inbound_chart, "MOST", 30)
    found = inbound_chart.chart()
    assert found["inbound_cut"] == 30
    html = render_to_string("console/home/inbound.html", found)
    assert "the newest 30 only" in html
    ElementTree.fromstring(
        render_to_string("console/fragments/chart.html", {"chart": found["inbound_chart"]})
    )
