"""Messages over the time that is shown, by status: of all, and of the carriers with most."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from messaging.messages.models import MessageStatus
from messaging.usage.selectors import CARRIER, DAY, HOUR, STATUS, Usage, carrier_names, usage
from orbit.api.errors import ApiError
from orbit.console.colours import MESSAGE_COLOURS
from orbit.console.home.charts import Chart, Spot, stacked

SHOWN = 4  # carriers
_HOURS = timedelta(days=3)  # a longer time is drawn by day
_TICKS = 6
_EDGE = 4  # percent of the width: a label nearer to the edge would be cut off
# From the bottom up.
_STACKED = [
    MessageStatus.DELIVERED,
    MessageStatus.SENT,
    MessageStatus.SUBMITTED_NO_RECEIPT,
    MessageStatus.UNDELIVERED,
    MessageStatus.EXPIRED,
    MessageStatus.FAILED,
]

Counts = Mapping[datetime, Counter[str]]


@dataclass(frozen=True)
class _Slots:
    """Hours or days, each as wide as the others."""

    starts: Sequence[datetime]
    unit: str

    @classmethod
    def between(cls, start: datetime, end: datetime) -> _Slots:
        unit = HOUR if end - start <= _HOURS else DAY
        step = timedelta(hours=1) if unit == HOUR else timedelta(days=1)
        first = start if unit == HOUR else start.replace(hour=0)
        return cls([first + step * n for n in range(-((first - end) // step))], unit)

    def label(self, start: datetime) -> str:
        return f"{start:%d %b %H:%M} UTC" if self.unit == HOUR else f"{start:%d %b}"

    def ticks(self) -> list[tuple[float, str]]:
        """(percent from the left, label)."""
        step = max(1, len(self.starts) // _TICKS)
        found = [
            (round(100 * x / len(self.starts), 2), self._tick(self.starts[x]))
            for x in range(0, len(self.starts), step)
        ]
        return [(percent, label) for percent, label in found if _EDGE < percent < 100 - _EDGE]

    def _tick(self, start: datetime) -> str:
        return f"{start:%H:%M}" if self.unit == HOUR else f"{start:%d %b}"


def charts(organization_id: str | None, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """`name`, `total`, `outcomes` and `chart` of each; none of a time without messages."""
    slots = _Slots.between(start, end)
    asked = {"start": start, "end": end}
    try:
        rows = usage(organization_id, group_by=[slots.unit, CARRIER, STATUS], **asked)
    except ApiError:  # too many carriers to look at each
        rows = usage(organization_id, group_by=[slots.unit, STATUS], **asked)
    if not rows:
        return []
    by_carrier: dict[str, list[Usage]] = defaultdict(list)
    for row in rows:
        by_carrier[row.values.get(CARRIER, "")].append(row)
    busiest = sorted(by_carrier, key=lambda each: -sum(row.messages for row in by_carrier[each]))
    shown = [each for each in busiest if each][:SHOWN]
    names = carrier_names(shown)
    drawn = [_drawn("All messages", slots, rows)]
    if len(by_carrier) > 1:
        drawn += [_drawn(names.get(each, each), slots, by_carrier[each]) for each in shown]
    return drawn


def _drawn(name: str, slots: _Slots, rows: Iterable[Usage]) -> dict[str, Any]:
    counts: dict[datetime, Counter[str]] = defaultdict(Counter)
    totals: Counter[str] = Counter()
    for row in rows:
        # A moment after an upgrade, or of a clock that was set back, a sum may be below 0.
        number = max(0, row.messages)
        counts[row.values[slots.unit]][row.values[STATUS]] += number
        totals[row.values[STATUS]] += number
    values = [counts.get(start, Counter()) for start in slots.starts]
    highest = max(1, *(each.total() for each in values))
    return {
        "name": name,
        "total": totals.total(),
        "outcomes": [
            {
                "state": status.replace("_", " "),
                "colour": MESSAGE_COLOURS[status],
                "count": totals[status],
            }
            for status in _STACKED
            if totals[status]
        ],
        "chart": Chart(
            top=f"{highest:,} {'an hour' if slots.unit == HOUR else 'a day'}",
            areas=stacked(
                values, {each.value: MESSAGE_COLOURS[each] for each in _STACKED}, highest
            ),
            spots=[_spot(x, slots, each) for x, each in enumerate(values)],
            ticks=slots.ticks(),
            label=f"{name}: {totals.total():,}",
            width=len(slots.starts),
        ),
    }


def _spot(x: int, slots: _Slots, counts: Counter[str]) -> Spot:
    said = ", ".join(
        f"{counts[status]:,} {status.replace('_', ' ')}" for status in _STACKED if counts[status]
    )
    return Spot(x, f"{slots.label(slots.starts[x])}: {said or 'none'}")
