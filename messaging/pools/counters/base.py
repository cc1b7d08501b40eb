"""The interface of turn counters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from messaging.pools.engine.strategies import TurnGroup
from messaging.pools.engine.values import Member, State
from messaging.pools.validators import MAX_MEMBERS

KEPT_MEMBERS = 2 * MAX_MEMBERS
"""How many members of a pool have their last use stored; those used longest ago are dropped."""


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a sender of a pool, in one of three ways:

    - `group` takes its next turn; `lane` names the place (`Shortlist.lane`).
    - `member` is used without a turn: its sticky mapping keeps it.
    - The member of use number `again` (from 0) of the same list is used again, without a turn.

    The last two matter only to pools that go by last use.
    """

    pool_id: str
    lane: str = ""
    group: TurnGroup | None = None
    member: Member | None = None
    again: int = -1


@dataclass(frozen=True, slots=True)
class Turn:
    """`member` had the turn `number`; 0 where turns are not counted."""

    member: Member
    number: int = 0


class TurnCounters(Protocol):
    """Counts turns by group, and stores each member's last use.

    `lane` names a place of the pool: a new group there goes on where the one before it stopped
    (`TurnGroup.start`). In one list of uses a lane has one group.
    """

    def look(self, pool_id: str, lane: str, group: TurnGroup) -> State:
        """The state for the next turn. Changes nothing."""

    def take(self, uses: Sequence[Use]) -> list[Turn]:
        """Take the next turn of each, in their order; no two callers get the same one."""
