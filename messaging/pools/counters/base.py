"""What the choice asks of whoever counts turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from messaging.pools.engine.strategies import Group
from messaging.pools.engine.values import Member, State
from messaging.pools.validators import MAX_MEMBERS

KEPT_MEMBERS = 2 * MAX_MEMBERS
"""Of how many members of a pool the last use is known; those used longest ago are forgotten."""


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a sender of a pool. Either the next turn of `group` is taken; `lane` names the
    place that it is for. Or no turn is: `member` is used (it was kept by its sticky mapping), or
    the one that is used by number `again` (from 0) of the same list, whose pool goes by use."""

    pool_id: str
    lane: str = ""
    group: Group | None = None
    member: Member | None = None
    again: int = -1


@dataclass(frozen=True, slots=True)
class Turn:
    """`member`: whose turn it was; `number`: of the turn, 0 where none are counted."""

    member: Member
    number: int = 0


class Turns(Protocol):
    """Counts by group, and remembers when each member of a pool was last used.

    `lane` names a place of the pool: a group that is new there goes on where the one before it
    stopped (`Group.start`). In one list of uses a lane has one group.
    """

    def look(self, pool_id: str, lane: str, group: Group) -> State:
        """What the next turn would find. Changes nothing."""

    def take(self, uses: Sequence[Use]) -> list[Turn]:
        """Take the next turn of each, in their order; no two callers get the same one."""
