"""Carriers that stand further back in a country, since they deliver too little there. Pure.

`messaging.quality` decides that, and writes it into the carrier's row: `read` and `write` are the
form it has there. Two levels: `warn` stands one place back, `critical` behind all that are healthy.
Where nobody is healthy nobody moves: what is left of the line is better than none.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeVar


class Level(StrEnum):
    HEALTHY = "healthy"
    WARN = "warn"
    CRITICAL = "critical"


class QualityMode(StrEnum):
    """What is done about a carrier that delivers too little."""

    OFF = "off"  # nothing
    ADVISE = "advise"  # it is said, and it keeps its place
    ENFORCE = "enforce"  # it stands further back


class Demotion(NamedTuple):
    """`probing`: a part of the messages (`is_probe`) finds it in its own place."""

    country: str
    level: Level
    probing: bool


class Demotable(Protocol):
    @property
    def demotions(self) -> tuple[Demotion, ...]:
        """Those that are in force."""


D = TypeVar("D", bound=Demotable)
_PROBING = "probing"
_PROBES = 20  # one message of so many
PROBE_PERCENT = 100 // _PROBES


@functools.lru_cache(maxsize=1024)
def read(text: str) -> tuple[Demotion, ...]:
    """`"DE warn,FR critical probing"`."""
    found = (each.split() for each in text.split(",") if each)
    return tuple(
        Demotion(country, Level(level), rest == [_PROBING]) for country, level, *rest in found
    )


def write(demotions: Iterable[Demotion]) -> str:
    return ",".join(
        f"{each.country} {each.level} {_PROBING}"
        if each.probing
        else f"{each.country} {each.level}"
        for each in sorted(demotions)
    )


def level_in(demotions: Iterable[Demotion], country: str) -> Level:
    return next((each.level for each in demotions if each.country == country), Level.HEALTHY)


def is_probe(message_id: str) -> bool:
    """Whether this message finds carriers that are probed in their own places: the end of an id is
    random, and a message that is tried again is what it was."""
    return int(message_id[-6:], 16) % _PROBES == 0


def placed(line: Sequence[D], country: str, *, probe: bool = False) -> list[D]:
    """The carriers of a country, in the order that people gave them, as they are tried."""
    levels = [_level(each, country, probe) for each in line]
    if Level.HEALTHY not in levels or set(levels) == {Level.HEALTHY}:
        return list(line)
    pairs = list(zip(line, levels, strict=True))
    front = [pair for pair in pairs if pair[1] is not Level.CRITICAL]
    for place in reversed(range(len(front) - 1)):
        (_, level), (_, after) = front[place], front[place + 1]
        if level is Level.WARN and after is Level.HEALTHY:
            front[place], front[place + 1] = front[place + 1], front[place]
    return [each for each, _ in front] + [each for each, level in pairs if level is Level.CRITICAL]


def _level(carrier: Demotable, country: str, probe: bool) -> Level:
    for each in carrier.demotions:
        if each.country == country:
            return Level.HEALTHY if probe and each.probing else each.level
    return Level.HEALTHY
