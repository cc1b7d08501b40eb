"""The strategies round_robin, weighted, random and least_recently_used. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from messaging.pools.engine.values import Member, State, Strategy
from messaging.pools.engine.weighted_round_robin import cycle, follow


@dataclass(frozen=True)
class TurnGroup:
    """Members that take turns: eligible and equally near, in the order of the pool.

    `key` names the group's counter: the same members with the same shares have the same key, for
    all destinations.
    """

    strategy: Strategy
    seed: int
    members: tuple[Member, ...]

    @cached_property
    def key(self) -> str:
        """32 hexadecimal digits."""
        text = f"{self.strategy} {self.order}"
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(member.id for member in self.members)

    @cached_property
    def order(self) -> str:
        """Ids and shares, `mem_…:2,mem_…:1`; `start` needs that of the group before."""
        pairs = zip(self.ids, self._shares, strict=True)
        return ",".join(f"{id_}:{share}" for id_, share in pairs)

    @property
    def goes_by_use(self) -> bool:
        """Whether the strategy needs the time of each member's last use."""
        return self.strategy is Strategy.LEAST_RECENTLY_USED

    @property
    def counts_turns(self) -> bool:
        """Whether the strategy needs the number of the turn: not if one member has them all."""
        return len(self.members) > 1 and not self.goes_by_use

    def next(self, state: State) -> Member:
        """The member that has the turn."""
        if self.goes_by_use:
            used = [state.used.get(id_, 0) for id_ in self.ids]
            return self.members[used.index(min(used))]
        if self.strategy is Strategy.RANDOM:
            return self.members[self._drawn(state.turn)]
        return self.members[self._cycle[state.turn % len(self._cycle)]]

    def start(self, before: str, turn: int) -> int:
        """The first turn of this group if it replaces the one of `order` `before` at `turn`."""
        if self.strategy is Strategy.RANDOM:
            return 0
        return follow(_pairs(before), turn, _pairs(self.order))

    @cached_property
    def _shares(self) -> tuple[int, ...]:
        if self.strategy is Strategy.WEIGHTED:
            return tuple(member.weight for member in self.members)
        return (1,) * len(self.members)

    @cached_property
    def _cycle(self) -> Sequence[int]:
        return cycle(self._shares)

    def _drawn(self, turn: int) -> int:
        text = f"{self.seed} {self.key} {turn}"
        digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
        return int.from_bytes(digest) % len(self.members)


def _pairs(order: str) -> list[tuple[str, int]]:
    pairs = (each.split(":") for each in order.split(","))
    return [(id_, int(share)) for id_, share in pairs]
