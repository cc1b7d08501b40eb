"""Charts of a day or an hour as SVG: the numbers become paths here, and templates draw them.

A chart is a unit wide for each slot of time, and 100 high; the page stretches it. Letters stand
in HTML beside it, so that they stay as they are at every width.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import ClassVar
from urllib.parse import urlencode

from reconciler.status.pass_durations import SLOT, SLOTS

HIGH = 100
_EDGE = 4  # percent: a label nearer to the edge would be cut


@dataclass(frozen=True)
class Area:
    """What is drawn in one colour: `path` is that of SVG, "" for nothing."""

    name: str
    colour: str
    path: str


@dataclass(frozen=True)
class Spot:
    """A slot that tells what was in it; `url` is a list of that, "" if there is none."""

    x: int
    title: str
    url: str = ""


@dataclass(frozen=True)
class Chart:
    """`top`: what the upper edge stands for. `ticks`: (percent from the left, label)."""

    top: str
    areas: Sequence[Area]
    spots: Sequence[Spot]
    ticks: Sequence[tuple[float, str]]
    label: str  # for those who don't see it
    wide: int = SLOTS


@dataclass(frozen=True)
class Window:
    """The last `slots` of `slot` seconds each, of which the last one is now's; a label stands at
    every `tick` seconds of the clock."""

    now: datetime
    slot: ClassVar[int]
    slots: ClassVar[int]
    tick: ClassVar[int]

    @property
    def first(self) -> int:
        """The number of its first slot, counted as `pass_times` does."""
        return self._number(self.now) - self.slots + 1

    @property
    def start(self) -> datetime:
        return self.begin(0)

    def begin(self, x: int) -> datetime:
        return datetime.fromtimestamp((self.first + x) * self.slot, UTC)

    def place(self, moment: datetime) -> int:
        return self._number(moment) - self.first

    def named(self, x: int) -> str:
        return f"{self.begin(x):%H:%M}–{self.begin(x + 1):%H:%M} UTC"

    def within(self, x: int, field: str) -> str:
        """The query string of an admin's list for what `field` says was in this slot."""
        between = self.begin(x), self.begin(x + 1)
        names = f"{field}__gte", f"{field}__lt"
        return urlencode(
            {name: f"{at:%Y-%m-%d %H:%M:%S+00:00}" for name, at in zip(names, between, strict=True)}
        )

    def since(self, field: str) -> str:
        """The same for all of it."""
        return self.within(0, field).partition("&")[0]

    def ticks(self) -> list[tuple[float, str]]:
        """(percent from the left, label)."""
        found = [
            (round(100 * x / self.slots, 2), f"{self.begin(x):%H:%M}")
            for x in range(self.slots)
            if (self.first + x) * self.slot % self.tick == 0
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
    """One area a name, the first at the bottom, over `values` of each slot."""
    floors = [0.0] * len(values)
    areas = []
    for name, colour in colours.items():
        tops = [floor + each.get(name, 0) for floor, each in zip(floors, values, strict=True)]
        areas.append(Area(name, colour, _path(floors, tops, top)))
        floors = tops
    return areas


def bars(values: Iterable[float], top: float) -> str:
    """A path from the ground to each value."""
    heights = list(values)
    return _path([0.0] * len(heights), heights, top)


def _path(floors: Sequence[float], tops: Sequence[float], top: float) -> str:
    """Boxes between floors and tops; what stays the same for a while is one box."""
    boxes, x = [], 0
    for (low, high), run in groupby(zip(floors, tops, strict=True)):
        width = len(list(run))
        if high > low:
            boxes.append(f"M{x},{_y(low, top)}H{x + width}V{_y(high, top)}H{x}Z")
        x += width
    return "".join(boxes)


def _y(value: float, top: float) -> str:
    return f"{HIGH - HIGH * value / top:.4g}"
