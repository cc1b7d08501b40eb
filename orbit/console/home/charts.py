"""SVG charts of a day or an hour: numbers become paths here, and templates draw them.

A chart is one unit wide for each time slot and 100 high; the page stretches it. Labels are HTML
beside the SVG, so that they keep their size at every width.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import ClassVar

from django.utils import timezone

from reconciler.status.pass_durations import SLOT, SLOTS

HEIGHT = 100
_EDGE = 4  # percent of the width: a label nearer to the edge would be cut off


@dataclass(frozen=True)
class Area:
    """An area in one colour. `path`: the SVG path, "" for nothing."""

    name: str
    colour: str
    path: str


@dataclass(frozen=True)
class Spot:
    """The hover text of a slot, and the address of a list of what it counts, "" for none."""

    x: int
    title: str
    url: str = ""


@dataclass(frozen=True)
class Chart:
    """`top`: the value at the upper edge. `ticks`: (percent from the left, label)."""

    top: str
    areas: Sequence[Area]
    spots: Sequence[Spot]
    ticks: Sequence[tuple[float, str]]
    label: str  # for screen readers
    width: int = SLOTS
    zone: str = "UTC"  # of the times at its ticks


@dataclass(frozen=True)
class Window:
    """A time window of `slots` slots of `slot` seconds each, which ends with the slot of `now`.

    A tick's label stands at every `tick` seconds of the viewer's clock.
    """

    now: datetime
    slot: ClassVar[int]
    slots: ClassVar[int]
    tick: ClassVar[int]

    @property
    def first(self) -> int:
        """The number of its first slot since 1970, as `pass_durations` counts them."""
        return self._number(self.now) - self.slots + 1

    @property
    def start(self) -> datetime:
        return self.slot_start(0)

    @property
    def end(self) -> datetime:
        return self.slot_start(self.slots)

    def slot_start(self, x: int) -> datetime:
        return datetime.fromtimestamp((self.first + x) * self.slot, UTC)

    def slot_of(self, moment: datetime) -> int:
        """The slot of a moment, counted from the window's first."""
        return self._number(moment) - self.first

    def slot_label(self, x: int) -> str:
        start, end = map(timezone.localtime, self.span(x))
        return f"{start:%H:%M}–{end:%H:%M} {end:%Z}"

    def span(self, x: int) -> tuple[datetime, datetime]:
        """The times at which this slot begins and ends."""
        return self.slot_start(x), self.slot_start(x + 1)

    def ticks(self) -> list[tuple[float, str]]:
        """(percent from the left, label)."""
        starts = [timezone.localtime(self.slot_start(x)) for x in range(self.slots)]
        found = [
            (round(100 * x / self.slots, 2), f"{start:%H:%M}")
            for x, start in enumerate(starts)
            if (start.hour * 3600 + start.minute * 60) % self.tick == 0
        ]
        return [(percent, label) for percent, label in found if _EDGE < percent < 100 - _EDGE]

    def _number(self, moment: datetime) -> int:
        return int(moment.timestamp()) // self.slot


class Day(Window):
    """96 quarter hours."""

    slot, slots, tick = SLOT, SLOTS, 6 * 3600


class Hour(Window):
    """60 minutes."""

    slot, slots, tick = 60, 60, 900


def stacked(
    values: Sequence[Mapping[str, float]], colours: Mapping[str, str], top: float
) -> list[Area]:
    """One area for each name of `colours`, the first at the bottom. `values`: by slot."""
    floors = [0.0] * len(values)
    areas = []
    for name, colour in colours.items():
        tops = [floor + each.get(name, 0) for floor, each in zip(floors, values, strict=True)]
        areas.append(Area(name, colour, _path(floors, tops, top)))
        floors = tops
    return areas


def bars(values: Iterable[float], top: float) -> str:
    """The path of bars from the bottom up to each value."""
    heights = list(values)
    return _path([0.0] * len(heights), heights, top)


def _path(floors: Sequence[float], tops: Sequence[float], top: float) -> str:
    """Boxes between floors and tops; equal neighbours become one box."""
    boxes, x = [], 0
    for (low, high), run in groupby(zip(floors, tops, strict=True)):
        width = len(list(run))
        if high > low:
            boxes.append(f"M{x},{_y(low, top)}H{x + width}V{_y(high, top)}H{x}Z")
        x += width
    return "".join(boxes)


def _y(value: float, top: float) -> str:
    return f"{HEIGHT - HEIGHT * value / top:.4g}"
