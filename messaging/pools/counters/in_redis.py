"""Turn counters in Redis: one round trip for many turns, each atomic over all processes.

A key lives a month after its last use. A pool has as many as it has groups and places in use; the
order of a group is written once, when its first turn is taken (two round trips).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import redis
from redis.commands.core import Script
from redis.exceptions import NoScriptError

from messaging.pools.counters import lua_scripts
from messaging.pools.counters.base import KEPT_MEMBERS, Turn, Use
from messaging.pools.engine.strategies import TurnGroup
from messaging.pools.engine.values import Member, State

LIFE = 30 * 24 * 3600  # seconds
_TIMEOUT = 1.0  # seconds


@dataclass
class _Counted:
    """Turns of one group: `indexes` of its uses in the list, and their `lanes`."""

    pool_id: str
    group: TurnGroup
    indexes: list[int] = field(default_factory=list)
    lanes: dict[str, None] = field(default_factory=dict)

    @property
    def keys(self) -> list[str]:
        return [
            _group(self.pool_id) + self.group.key,
            *(_lane(self.pool_id, x) for x in self.lanes),
        ]

    @property
    def said(self) -> list[Any]:
        return [_group(self.pool_id), self.group.key, LIFE, len(self.indexes)]

    def turns(self, first: int) -> Iterator[tuple[int, Turn]]:
        for number, index in enumerate(self.indexes, start=first):
            yield index, Turn(self.group.next(State(turn=number)), number)


@dataclass
class _ByUse:
    """Uses of one pool that goes by last use."""

    pool_id: str
    indexes: dict[int, int] = field(default_factory=dict)  # in the list → in this pool's, from 1
    groups: dict[str, int] = field(default_factory=dict)  # ids → number, from 1
    members: dict[str, Member] = field(default_factory=dict)
    uses: list[str] = field(default_factory=list)

    def add(self, index: int, use: Use) -> None:
        if use.group or use.member:
            members = use.group.members if use.group else (use.member,)
            ids = ",".join(use.group.ids) if use.group else use.member.id
            if ids not in self.groups:
                self.groups[ids] = len(self.groups) + 1
                self.members |= {member.id: member for member in members}
            self.uses.append(str(self.groups[ids]))
        else:
            self.uses.append(str(-self.indexes[use.again]))
        self.indexes[index] = len(self.uses)

    def turns(self, used: str) -> Iterator[tuple[int, Turn]]:
        for index, member_id in zip(self.indexes, used.split(","), strict=True):
            yield index, Turn(self.members[member_id])


class RedisCounters:
    """`TurnCounters` in the Redis at `url`. All methods raise redis.RedisError while it is away."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url,
            socket_connect_timeout=_TIMEOUT,
            socket_timeout=_TIMEOUT,
            decode_responses=True,
        )
        self._look = self._redis.register_script(lua_scripts.LOOK)
        self._take = self._redis.register_script(lua_scripts.TAKE)
        self._last_uses = self._redis.register_script(lua_scripts.LAST_USES)
        self._use = self._redis.register_script(lua_scripts.USE)

    def ping(self) -> None:
        """Raises redis.RedisError if Redis is away."""
        self._redis.ping()

    def look(self, pool_id: str, lane: str, group: TurnGroup) -> State:
        if group.goes_by_use:
            return _by_use(group, self._last_uses([_used(pool_id)], [",".join(group.ids)]))
        if not group.counts_turns:
            return State()
        keys = [_group(pool_id) + group.key, _lane(pool_id, lane)]
        turn, *before = self._look(keys, [_group(pool_id)])
        return State(turn=_first(group, before) if turn < 0 else turn)

    def take(self, uses: Sequence[Use]) -> list[Turn]:
        turns: dict[int, Turn] = {}
        counted: dict[tuple[str, str], _Counted] = {}
        by_use: dict[str, _ByUse] = {}
        for index, use in enumerate(uses):
            group = use.group
            if group is None or group.goes_by_use:
                by_use.setdefault(use.pool_id, _ByUse(use.pool_id)).add(index, use)
            elif group.counts_turns:
                one = counted.setdefault((use.pool_id, group.key), _Counted(use.pool_id, group))
                one.indexes.append(index)
                one.lanes[use.lane] = None
            else:
                turns[index] = Turn(group.next(State()))
        for one, found in self._count(list(counted.values()), list(by_use.values())):
            turns.update(one.turns(found))
        return [turns[index] for index in range(len(uses))]

    def _count(
        self, counted: Sequence[_Counted], by_use: Sequence[_ByUse]
    ) -> Iterator[tuple[Any, Any]]:
        """Each of them with its first turn, or with the ids of the members used."""
        answers = self._run(
            [(self._take, one.keys, one.said) for one in counted]
            + [(self._use, [_used(one.pool_id)], _said(one)) for one in by_use]
        )
        yield from zip(by_use, answers[len(counted) :], strict=True)
        new = []
        for one, (turn, *before) in zip(counted, answers, strict=False):
            if turn < 0:
                new.append((one, [one.group.order, _first(one.group, before)]))
            else:
                yield one, turn
        again = self._run([(self._take, one.keys, [*one.said, *about]) for one, about in new])
        for (one, _), (turn, *_) in zip(new, again, strict=True):
            yield one, turn

    def _run(self, calls: Sequence[tuple[Script, list[str], list[Any]]]) -> list[Any]:
        """The answers of all, in one round trip; in three where Redis has forgotten the scripts."""
        answers = self._at_once(calls)
        indexes = [n for n, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if indexes:  # these have done nothing
            for script in {calls[index][0] for index in indexes}:
                self._redis.script_load(script.script)
            again = self._at_once([calls[index] for index in indexes])
            for index, answer in zip(indexes, again, strict=True):
                answers[index] = answer
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers

    def _at_once(self, calls: Sequence[tuple[Script, list[str], list[Any]]]) -> list[Any]:
        if not calls:
            return []
        with self._redis.pipeline(transaction=False) as pipe:
            for script, keys, said in calls:
                pipe.evalsha(script.sha, len(keys), *keys, *said)
            return pipe.execute(raise_on_error=False)


def _said(one: _ByUse) -> list[Any]:
    return [LIFE, KEPT_MEMBERS, ",".join(one.uses), *one.groups]


def _by_use(group: TurnGroup, used: str) -> State:
    pairs = zip(group.ids, map(int, used.split(",")), strict=True)
    return State(used={id_: at for id_, at in pairs if at})


def _first(group: TurnGroup, before: list) -> int:
    """The first turn of a group that is new; `before`: turn and order of the one before it."""
    return group.start(before[1], before[0]) if before else 0


def _lane(pool_id: str, lane: str) -> str:
    return f"senders:{{{pool_id}}}:lane:{lane}"


def _group(pool_id: str) -> str:
    return f"senders:{{{pool_id}}}:group:"


def _used(pool_id: str) -> str:
    return f"senders:{{{pool_id}}}:used"
