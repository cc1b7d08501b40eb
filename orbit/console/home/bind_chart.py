"""Binds over the last 24 hours, for home."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from django.db.models import Count, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, TruncMinute
from django.urls import reverse
from django.utils import timezone

from messaging.credentials.models import BindState, Credential
from orbit.console.colours import BIND_COLOURS
from orbit.console.home.charts import Chart, Day, Spot, stacked
from orbit.console.long_lists import between
from orbit.console.times import zone_name
from reconciler.models import BindChange
from reconciler.status.pass_durations import SLOTS

MOST = 50_000  # changes that are read: one start of a large gateway is two for each bind
# From the bottom up. Disabled credentials have no bind and are not drawn.
STACKED = [BindState.BOUND, BindState.BINDING, BindState.UNKNOWN, BindState.UNBOUND]


@dataclass
class _Quarter:
    """Binds by state at the worst moment of a quarter hour, and the number of changes in it."""

    binds: Mapping[str, int] = field(default_factory=dict)
    changes: int = 0
    is_known: bool = False


def chart() -> dict[str, Any]:
    """`bind_chart` (None if there is nothing to draw) and the number of `bind_changes`. `bind_cut`:
    `MOST` if there were more: then what was before these is not drawn. Else 0."""
    day = Day(timezone.now())
    cut = _cut(day)
    quarters = _quarters(day, cut)
    highest = max(sum(each.binds.get(state, 0) for state in STACKED) for each in quarters)
    address = reverse("admin:reconciler_bindchange_changelist")
    changes = sum(each.changes for each in quarters)
    context: dict[str, Any] = {
        "bind_changes": {"count": changes, "url": f"{address}?{between(day.start, day.end)}"},
        "bind_chart": None,
        "bind_cut": MOST if cut else 0,
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
            zone=zone_name(),
            label=f"Binds over the last 24 hours: {changes} changes",
        )
    return context


def _cut(day: Day) -> BindChange | None:
    """The last change of the day that is not read, if there are so many."""
    newest = BindChange.objects.order_by("-pk").only("at")
    row = newest[MOST : MOST + 1].first()
    return row if row and row.at >= day.start else None


def _quarters(day: Day, cut: BindChange | None) -> list[_Quarter]:
    """All quarter hours of the day: from the present states back through the changes. Nothing is
    known of that of `cut`, and of those before it."""
    now = Credential.objects.live().values_list("status__bind_state").order_by()
    counts = Counter(
        {state or BindState.UNKNOWN: count for state, count in now.annotate(Count("pk"))}
    )
    changes, births = _changes(day, cut), _births(day)
    quarters = [_Quarter() for _ in range(SLOTS)]
    for x in reversed(range(day.slot_of(cut.at) + 1 if cut else 0, SLOTS)):
        moments = [dict(counts)]
        for before, state, count in changes.get(x, ()):
            quarters[x].changes += count
            counts[state] -= count
            if before:
                counts[before] += count
            moments.append({name: max(0, each) for name, each in counts.items()})
        quarters[x].binds, quarters[x].is_known = min(moments, key=_goodness), True
        counts.subtract(births[x])  # before its credential was made, there was no bind
    return quarters


def _changes(day: Day, cut: BindChange | None) -> dict[int, list[tuple[str, str, int]]]:
    """By slot, newest first: (before, state, count), with the changes of a minute together."""
    read = {"pk__gt": cut.pk} if cut else {"at__gte": day.start}
    rows = (
        BindChange.objects.filter(credential__deleted_at=None, **read)
        .annotate(minute=TruncMinute("at", tzinfo=UTC))
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
        .annotate(minute=TruncMinute("created_at", tzinfo=UTC))
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
    if not quarter.is_known:
        return f"before the newest {MOST:,} changes"
    binds = quarter.binds
    said = ", ".join(f"{binds[state]:,} {state}" for state in STACKED if binds.get(state))
    if not quarter.changes:
        return said or "none"
    return f"at worst {said or 'none'}; {quarter.changes:,} change{'s' * (quarter.changes != 1)}"
