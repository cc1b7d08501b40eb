"""Counters in Redis: one round trip a turn, atomic over all processes.

A key lives a month after its last use. A pool has as many as it has groups and places in use; the
order of a group is written once, when its first turn is taken (two round trips).
"""

from __future__ import annotations

import redis

from messaging.pools.engine.groups import Group
from messaging.pools.engine.values import State
from messaging.pools.turns import scripts
from messaging.pools.turns.port import KEPT_MEMBERS

LIFE = 30 * 24 * 3600  # seconds
_TIMEOUT = 1.0  # seconds


class SharedTurns:
    """`Turns` in the Redis at `url`. All methods raise redis.RedisError while it is away."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url,
            socket_connect_timeout=_TIMEOUT,
            socket_timeout=_TIMEOUT,
            decode_responses=True,
        )
        self._look = self._redis.register_script(scripts.LOOK)
        self._take = self._redis.register_script(scripts.TAKE)
        self._last_uses = self._redis.register_script(scripts.LAST_USES)
        self._use = self._redis.register_script(scripts.USE)

    def ping(self) -> None:
        """Whether it is there."""
        self._redis.ping()

    def look(self, pool_id: str, lane: str, group: Group) -> State:
        if group.goes_by_use:
            return _by_use(group, self._last_uses([_used(pool_id)], [",".join(group.ids)]))
        if not group.counts_turns:
            return State()
        turn, *before = self._look(_keys(pool_id, lane, group), [_group(pool_id)])
        return State(turn=_first(group, before) if turn < 0 else turn)

    def take(self, pool_id: str, lane: str, group: Group) -> State:
        if group.goes_by_use:
            return _by_use(group, self._mark(pool_id, ",".join(group.ids)))
        if not group.counts_turns:
            return State()
        keys, said = _keys(pool_id, lane, group), [_group(pool_id), group.key, LIFE]
        turn, *before = self._take(keys, said)
        if turn < 0:
            turn, *_ = self._take(keys, [*said, group.order, _first(group, before)])
        return State(turn=turn)

    def touch(self, pool_id: str, member_id: str) -> None:
        self._mark(pool_id, member_id)

    def _mark(self, pool_id: str, ids: str) -> str:
        return self._use([_used(pool_id)], [ids, LIFE, KEPT_MEMBERS])


def _by_use(group: Group, used: str) -> State:
    pairs = zip(group.ids, map(int, used.split(",")), strict=True)
    return State(used={id_: at for id_, at in pairs if at})


def _first(group: Group, before: list) -> int:
    """The first turn of a group that is new; `before`: turn and order of the one before it."""
    return group.start(before[1], before[0]) if before else 0


def _keys(pool_id: str, lane: str, group: Group) -> list[str]:
    return [_group(pool_id) + group.key, f"senders:{{{pool_id}}}:lane:{lane}"]


def _group(pool_id: str) -> str:
    return f"senders:{{{pool_id}}}:group:"


def _used(pool_id: str) -> str:
    return f"senders:{{{pool_id}}}:used"
