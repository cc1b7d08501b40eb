"""Count in Redis; while Redis is away, in this process."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import redis

from messaging.pools.counters.base import Turn, TurnCounters, Use
from messaging.pools.engine.strategies import TurnGroup
from messaging.pools.engine.values import State

logger = logging.getLogger(__name__)
PAUSE = 5.0  # seconds without asking a Redis that was away

T = TypeVar("T")


class CountersWithFallback:
    """`TurnCounters` of `shared`, or of `local` while that fails. After a failure `shared` is not
    asked for `PAUSE` seconds, so that choices do not wait for it again."""

    def __init__(self, shared: TurnCounters, local: TurnCounters) -> None:
        self.shared, self.local = shared, local
        self._until = 0.0  # by the monotonic clock

    def look(self, pool_id: str, lane: str, group: TurnGroup) -> State:
        return self._ask(lambda turns: turns.look(pool_id, lane, group))

    def take(self, uses: Sequence[Use]) -> list[Turn]:
        return self._ask(lambda turns: turns.take(uses)) if uses else []

    def _ask(self, question: Callable[[TurnCounters], T]) -> T:
        if time.monotonic() < self._until:
            return question(self.local)
        try:
            answer = question(self.shared)
        except (redis.RedisError, OSError) as error:
            if not self._until:
                logger.warning("senders take turns by process: %s", type(error).__name__)
            self._until = time.monotonic() + PAUSE
            return question(self.local)
        if self._until:
            self._until = 0.0
            logger.warning("senders take turns over all processes again")
        return answer
