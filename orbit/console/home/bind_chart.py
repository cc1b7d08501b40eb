"""Binds over the last 24 hours, for home."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, TruncMinute
from django.urls import reverse
from django.utils import timezone

from messaging.credentials.models import BindState, Credential
from orbit.console.colours import BIND_COLOURS
from orbit.console.home.charts import Chart, Day, Spot, stacked
from orbit.console.long_lists import between
from reconciler.models import BindChange
from reconciler.status.pass_durations import SLOTS

# From the bottom up. Disabled credentials have no bind and are not drawn.
STACKED = [BindState.BOUND, BindState.BINDING, BindState.UNKNOWN, BindState.UNBOUND]


@dataclass
class _Quarter:
    """Binds by state at the worst moment of a quarter hour, and the number of changes in it."""

    binds: Mapping[str, int] = field(default_factory=dict)
    changes: int = 0


def chart() -> dict[str, Any]:
    """`bind_chart` (None if there is nothing to draw) and the number of `bind_changes`."""
    day = Day(timezone.now())
    quarters = _quarters(day)
    highest = max(sum(each.binds.get(state, 0) for state in STACKED) for each in quarters)
    address = reverse("admin:reconciler_bindchange_changelist")
    changes = sum(each.changes for each in quarters)
    context: dict[str, Any] = {
        "bind_changes": {"count": changes, "url": f"{address}?{between(day.start, day.end)}"},
        "bind_chart": None,
    }
    if highest:
        context["bind_chart"] = Chart(
            top=f"{highest:,}",
            areas=stacked(
                [each.binds for each in quarters],
                {state.value: BIND_COLOURS[state] for state in STACKED},
                highest,
            ),
            spots=[
                Spot(
                    x,
                    f"{day.slot_label(x)}: {_worst(each)}",
                    f"{address}?{between(*day.span(x))}" if each.changes else "",
                )
                for x, each in enumerate(quarters)
            ],
            ticks=day.ticks(),
            label=f"Binds over the last 24 hours: {changes} changes",
        )
    return context


def _quarters(day: Day) -> list[_Quarter]:
    """All quarter hours of the day: from the present states back through the changes."""
    now = Credential.objects.live().values_list("status__bind_state").order_by()
    counts = Counter(
        {state or BindState.UNKNOWN: count for state, count in now.annotate(Count("pk"))}
    )
    changes, births = _changes(day), _births(day)
    quarters = [_Quarter() for _ in range(SLOTS)]
    for x in reversed(range(SLOTS)):
        moments = [dict(counts)]
        for before, state, count in changes.get(x, ()):
            quarters[x].changes += count
            counts[state] -= count
            if before:
                counts[before] += count
            moments.append({name: max(0, each) for name, each in counts.items()})
        quarters[x].binds = min(moments, key=_goodness)
        counts.subtract(births[x])  # before its credential was made, there was no bind
    return quarters


def _changes(day: Day) -> dict[int, list[tuple[str, str, int]]]:
    """By slot, newest first: (before, state, count), with the changes of a minute together."""
    rows = (
        BindChange.objects.filter(at__gte=day.start, credential__deleted_at=None)
        .annotate(minute=TruncMinute("at"))
        .values_list("minute", "before", "state")
        .annotate(Count("pk"))
        .order_by("-minute")
    )
    found: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    for minute, before, state, count in rows:
        found[day.slot_of(minute)].append((before, state, count))
    return found


def _births(day: Day) -> dict[int, Counter[str]]:
    """By slot: the first states of the credentials that were created in it.

    A credential whose first change says that there was no bind before is left out: that change
    removes it from the counts.
    """
    first = BindChange.objects.filter(credential=OuterRef("pk")).order_by("id").values("before")[:1]
    rows = (
        Credential.objects.live()
        .filter(created_at__gte=day.start)
        .annotate(minute=TruncMinute("created_at"))
        .annotate(began=Coalesce(Subquery(first), "status__bind_state", Value(BindState.UNKNOWN)))
        .values_list("minute", "began")
        .order_by()
        .annotate(Count("pk"))
    )
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for minute, began, count in rows:
        if began:
            found[day.slot_of(minute)][began] += count
    return found


def _goodness(binds: Mapping[str, int]) -> tuple[int, int]:
    return binds.get(BindState.BOUND, 0), -binds.get(BindState.UNBOUND, 0)


def _worst(quarter: _Quarter) -> str:
    binds = quarter.binds
    said = ", ".join(f"{binds[state]:,} {state}" for state in STACKED if binds.get(state))
    if not quarter.changes:
        return said or "none"
    return f"at worst {said or 'none'}; {quarter.changes:,} change{'s' * (quarter.changes != 1)}"
