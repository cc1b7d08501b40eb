"""Values of the engine: members, strategies, steps and state. Pure."""

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
    """What decided a choice."""

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
    """What a choice needs to know of earlier ones.

    `kept`: the member of the destination's sticky mapping. `turn`: how many turns of the group were
    taken (`strategies.TurnGroup`). `used`: each member's last use, as a growing number; without
    members that were never used.
    """

    kept: str | None = None
    turn: int = 0
    used: Mapping[str, int] = field(default_factory=dict)
