"""Texts of phones a minute over the last hour, for home."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.db.models.functions import TruncMinute
from django.urls import reverse
from django.utils import timezone

from messaging.inbound.models import ID_PREFIX, InboundMessage
from orbit.api.filters import made_between, newest
from orbit.console.colours import DOUBTFUL, QUIET, WAITING
from orbit.console.home.charts import Chart, Hour, Spot, stacked
from orbit.console.long_lists import between
from orbit.console.times import zone_name
from orbit.console.waiting import lists

MOST = 10_000  # texts that are counted: the part refreshes itself often
TO_NUMBERS, TO_NONE, IN_PART = "to a number", "to none in Numbers", "parts missing"
# From the bottom up.
_COLOURS = {TO_NUMBERS: WAITING, TO_NONE: QUIET, IN_PART: DOUBTFUL}
_LISTED = {
    TO_NUMBERS: {"number__isempty": "0", "complete__exact": "1"},
    TO_NONE: {"number__isempty": "1", "complete__exact": "1"},
    IN_PART: {"complete__exact": "0"},
}


def chart() -> dict[str, Any]:
    """`inbound_chart`, None of a quiet hour; `inbound`: its counts by kind, and where these are
    listed. `inbound_cut`: `MOST` if there may be more texts, else 0. `waiting`: how many wait for a
    person."""
    hour = Hour(timezone.now())
    minutes = _counts(hour)
    totals = sum(minutes.values(), Counter[str]())
    start, end = hour.start, hour.slot_start(hour.slots)
    return {
        "waiting": lists.count(),
        "inbound_total": totals.total(),
        "inbound": [
            {"kind": kind, "count": totals[kind], "colour": colour, "url": _url(start, end, kind)}
            for kind, colour in _COLOURS.items()
            if totals[kind]
        ],
        "inbound_url": _url(start, end),
        "inbound_chart": _drawn(hour, minutes) if totals else None,
        "inbound_cut": MOST if totals.total() >= MOST else 0,
    }


def _counts(hour: Hour) -> dict[int, Counter[str]]:
    """Counts by kind in each minute, of the newest `MOST` texts."""
    rows = newest(InboundMessage.objects.filter(made_between(ID_PREFIX, since=hour.start)), MOST)
    found: dict[int, Counter[str]] = defaultdict(Counter)
    counted = rows.order_by().annotate(
        minute=TruncMinute("created_at", tzinfo=UTC), is_ours=Q(number__isnull=False)
    )
    for minute, is_ours, complete, count in counted.values_list(
        "minute", "is_ours", "complete"
    ).annotate(Count("pk")):
        kind = IN_PART if not complete else TO_NUMBERS if is_ours else TO_NONE
        found[min(hour.slot_of(minute), hour.slots - 1)][kind] += count
    return found


def _drawn(hour: Hour, minutes: dict[int, Counter[str]]) -> Chart:
    slots = [minutes.get(x, Counter()) for x in range(hour.slots)]
    highest = max(each.total() for each in slots)
    return Chart(
        top=f"{highest:,} a minute",
        areas=stacked(slots, _COLOURS, highest),
        spots=[_spot(hour, x, each) for x, each in enumerate(slots)],
        ticks=hour.ticks(),
        zone=zone_name(),
        label=f"Texts of phones over the last hour: {sum(map(Counter.total, slots)):,}",
        width=hour.slots,
    )


def _spot(hour: Hour, x: int, counts: Counter[str]) -> Spot:
    said = ", ".join(f"{counts[kind]:,} {kind}" for kind in _COLOURS if counts[kind])
    url = _url(hour.slot_start(x), hour.slot_start(x + 1)) if said else ""
    return Spot(x, f"{hour.slot_label(x)}: {said or 'none'}", url)


def _url(start: datetime, end: datetime, kind: str = "") -> str:
    """The address of the list of texts told between the two."""
    address = reverse("admin:messaging_inboundmessage_changelist")
    query = urlencode(_LISTED[kind]) + "&" if kind else ""
    return f"{address}?{query}{between(start, end)}"
