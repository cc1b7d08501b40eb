"""Turn counters of one process: where there is no Redis, or while it is away."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from messaging.pools.counters.base import KEPT_MEMBERS, Turn, Use
from messaging.pools.engine.strategies import TurnGroup
from messaging.pools.engine.values import Member, State

MAX_KEYS = 10_000  # of each kind; the one that was used longest ago goes first


class InMemoryCounters:
    """`TurnCounters` in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: OrderedDict[tuple[str, str], int] = OrderedDict()  # by pool and group
        self._lanes: OrderedDict[tuple[str, str], TurnGroup] = OrderedDict()  # by pool and lane
        self._used: OrderedDict[str, dict[str, int]] = OrderedDict()  # by pool

    def look(self, pool_id: str, lane: str, group: TurnGroup) -> State:
        with self._lock:
            return self._state(pool_id, lane, group)

    def take(self, uses: Sequence[Use]) -> list[Turn]:
        taken: list[Turn] = []
        with self._lock:
            for use in uses:
                if use.group:
                    taken.append(self._take(use.pool_id, use.lane, use.group))
                else:
                    member = use.member or taken[use.again].member
                    taken.append(self._touch(use.pool_id, member))
        return taken

    def _take(self, pool_id: str, lane: str, group: TurnGroup) -> Turn:
        state = self._state(pool_id, lane, group)
        if group.goes_by_use:
            return self._touch(pool_id, group.next(state))
        if group.counts_turns:
            _put(self._turns, (pool_id, group.key), state.turn + 1)
            _put(self._lanes, (pool_id, lane), group)
        return Turn(group.next(state), state.turn)

    def _state(self, pool_id: str, lane: str, group: TurnGroup) -> State:
        if group.goes_by_use:
            used = self._used.get(pool_id, {})
            return State(used={id_: used[id_] for id_ in group.ids if id_ in used})
        return State(turn=self._turn(pool_id, lane, group) if group.counts_turns else 0)

    def _turn(self, pool_id: str, lane: str, group: TurnGroup) -> int:
        turn = self._turns.get((pool_id, group.key))
        if turn is not None:
            return turn
        before = self._lanes.get((pool_id, lane))
        reached = self._turns.get((pool_id, before.key)) if before else None
        return 0 if reached is None else group.start(before.order, reached)

    def _touch(self, pool_id: str, member: Member) -> Turn:
        used = self._used.setdefault(pool_id, {})
        used[member.id] = max(used.values(), default=0) + 1
        if len(used) > KEPT_MEMBERS:
            del used[min(used, key=used.__getitem__)]
        _put(self._used, pool_id, used)
        return Turn(member)


def _put(table: OrderedDict, key: object, value: object) -> None:
    table[key] = value
    table.move_to_end(key)
    if len(table) > MAX_KEYS:
        table.popitem(last=False)
