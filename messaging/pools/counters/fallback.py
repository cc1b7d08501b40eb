"""Redis while it is there, this process alone while it is not."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import redis

from messaging.pools.counters.base import Turn, Turns, Use
from messaging.pools.engine.strategies import Group
from messaging.pools.engine.values import State

logger = logging.getLogger(__name__)
PAUSE = 5.0  # seconds without asking a Redis that was away

T = TypeVar("T")


class WithFallback:
    """`Turns` of `shared`, or of `local` while that fails; a choice never waits for it twice."""

    def __init__(self, shared: Turns, local: Turns) -> None:
        self.shared, self.local = shared, local
        self._until = 0.0  # by the monotonic clock

    def look(self, pool_id: str, lane: str, group: Group) -> State:
        return self._ask(lambda turns: turns.look(pool_id, lane, group))

    def take(self, uses: Sequence[Use]) -> list[Turn]:
        return self._ask(lambda turns: turns.take(uses)) if uses else []

    def _ask(self, question: Callable[[Turns], T]) -> T:
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
