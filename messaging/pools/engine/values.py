"""What the choice works on. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from messaging.numbers import SenderType


class Strategy(StrEnum):
    ROUND_ROBIN = "round_robin"
    WEIGHTED = "weighted"
    RANDOM = "random"
    LEAST_RECENTLY_USED = "least_recently_used"


class Step(StrEnum):
    """What decided."""

    STICKY = "sticky"
    GEO_MATCH = "geo_match"
    STRATEGY = "strategy"


@dataclass(frozen=True)
class Member:
    """A sender of a pool. `countries` empty: any."""

    id: str
    sender: str
    type: SenderType
    weight: int = 1
    countries: tuple[str, ...] = ()
    enabled: bool = True


@dataclass(frozen=True)
class State:
    """What earlier choices have left behind, as far as the next one needs it.

    `kept`: the member that the destination has by its sticky mapping. `turn`: how many turns of the
    group were taken (`groups.Group`). `used`: when each of its members was last used, as a number
    that grows; one that never was is missing.
    """

    kept: str | None = None
    turn: int = 0
    used: Mapping[str, int] = field(default_factory=dict)
