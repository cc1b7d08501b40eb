"""Demotions: a carrier that delivers too little in a country is tried later there. Pure.

`messaging.quality` decides them and stores them in the carrier's row; `read` and `write` convert
that text. A carrier at level `warn` is tried one place later, one at `critical` after all healthy
carriers. If no carrier of a country is healthy, the order stays as it is: each of them is still
better than not sending.
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
    """What happens to a carrier that delivers too little in a country."""

    OFF = "off"  # its delivery is not judged
    ADVISE = "advise"  # reported in routes, events and the console; the order stays
    ENFORCE = "enforce"  # reported, and the carrier is tried later


class Demotion(NamedTuple):
    """`probing`: probe messages (`is_probe`) try the carrier at its undemoted position."""

    country: str
    level: Level
    probing: bool


class Demotable(Protocol):
    @property
    def demotions(self) -> tuple[Demotion, ...]:
        """The demotions that routing applies."""


D = TypeVar("D", bound=Demotable)
_PROBING = "probing"
_PROBES = 20  # one message in 20 is a probe
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
    """Whether this message is a probe: it tries carriers that are probed at their undemoted
    position.

    Decided by the random end of the id, so a retry of the message is judged the same way.
    """
    return int(message_id[-6:], 16) % _PROBES == 0


def placed(line: Sequence[D], country: str, *, probe: bool = False) -> list[D]:
    """Apply the demotions to `line`, the carriers of a country in their configured order."""
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
