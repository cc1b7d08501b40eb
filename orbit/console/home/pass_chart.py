"""Durations of passes over the last 24 hours, for home."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncMinute
from django.urls import reverse
from django.utils import timezone

from orbit.console.home import recent_passes
from orbit.console.home.charts import Area, Chart, Day, Spot, bars
from orbit.console.long_lists import between
from orbit.console.times import zone_name
from reconciler.models import Gateway
from reconciler.status import pass_durations
from reconciler.status.pass_durations import SLOTS, Slot

SHOWN = 4  # gateways


def charts() -> dict[str, Any]:
    """`pass_charts`: the first enabled gateways with a chart each (None if no pass is known).
    `more_gateways`: the number of others."""
    day = Day(timezone.now())
    gateways = list(Gateway.objects.filter(enabled=True).only("name"))
    shown = gateways[:SHOWN]
    times = pass_durations.read([gateway.pk for gateway in shown])
    runs = _runs(day, shown)
    return {
        "pass_charts": [_facts(day, each, times[each.pk], runs[each.pk]) for each in shown],
        "more_gateways": len(gateways) - len(shown),
    }


def _runs(day: Day, gateways: Sequence[Gateway]) -> dict[str, Counter[int]]:
    """By gateway: the number of runs that began in each quarter hour (passes that left a row)."""
    recent, _ = recent_passes.since(day.start)
    rows = (
        recent.filter(gateway__in=gateways)
        .annotate(minute=TruncMinute("started_at", tzinfo=UTC))
        .values_list("gateway", "minute")
        .annotate(Count("pk"))
        .order_by("minute")
    )
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for gateway_id, minute, count in rows:
        found[gateway_id][day.slot_of(minute)] += count
    return found


def _facts(
    day: Day, gateway: Gateway, times: Mapping[int, Slot], runs: Mapping[int, int]
) -> dict[str, Any]:
    slots = [times.get(day.first + x, Slot()) for x in range(SLOTS)]
    passes, slowest = sum(each.passes for each in slots), max(each.slowest for each in slots)
    address = reverse("admin:reconciler_run_changelist")
    address += f"?gateway__id__exact={gateway.pk}&"
    facts: dict[str, Any] = {
        "gateway": gateway,
        "passes": passes,
        "runs": {"count": sum(runs.values()), "url": address + between(day.start, day.end)},
        "chart": None,
    }
    if not passes:
        return facts
    facts["mean"] = _seconds(sum(each.seconds for each in slots) / passes)
    facts["chart"] = Chart(
        top=_seconds(slowest),
        areas=[
            Area("slowest", "quiet", bars([each.slowest for each in slots], slowest)),
            Area("mean", "info", bars([each.mean for each in slots], slowest)),
            Area("failed", "danger", bars([_failing(each) for each in slots], slowest)),
        ],
        spots=[
            Spot(
                x,
                f"{day.slot_label(x)}: {_told(each, runs[x])}",
                address + between(*day.span(x)) if runs[x] else "",
            )
            for x, each in enumerate(slots)
        ],
        ticks=day.ticks(),
        zone=zone_name(),
        label=f"Times of the passes of {gateway} over the last 24 hours",
    )
    return facts


def _failing(slot: Slot) -> float:
    """The height of the failure bar: full, since one failure of thirty passes would not be seen in
    proportion."""
    return slot.slowest if slot.failed else 0.0


def _told(slot: Slot, runs: int) -> str:
    if not slot.passes:
        return "no pass"
    said = f"{slot.passes} passes, mean {_seconds(slot.mean)}, slowest {_seconds(slot.slowest)}"
    said += f"; {slot.failed} failed" if slot.failed else ""
    return said + (f"; {runs} did something" if runs else "")


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 10 else f"{value:.0f} s"
