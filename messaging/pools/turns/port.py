"""What the choice asks of whoever counts turns."""

from __future__ import annotations

from typing import Protocol

from messaging.pools.engine.groups import Group
from messaging.pools.engine.values import State
from messaging.pools.validators import MAX_MEMBERS

KEPT_MEMBERS = 2 * MAX_MEMBERS
"""Of how many members of a pool the last use is known; those used longest ago are forgotten."""


class Turns(Protocol):
    """Counts by group, and remembers when each member of a pool was last used.

    `lane` names a place of the pool: a group that is new there goes on where the one before it
    stopped (`Group.start`). All answers are the state that the turn finds, not what it leaves.
    """

    def look(self, pool_id: str, lane: str, group: Group) -> State:
        """What the next turn would find. Changes nothing."""

    def take(self, pool_id: str, lane: str, group: Group) -> State:
        """Take the next turn; no two callers get the same one."""

    def touch(self, pool_id: str, member_id: str) -> None:
        """A member was used without a turn (it was kept by its sticky mapping)."""
