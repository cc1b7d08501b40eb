"""Counters of the turns that senders take, shared by all processes in Redis.

`turn_counters()` needs one round trip to Redis for all choices of a batch. While Redis is away, or
where there is none, each process counts for itself: choices keep to the rules and are only less
even (`health`).
"""

from __future__ import annotations

import functools

from django.conf import settings

from messaging.pools.counters.base import Turn, TurnCounters, Use
from messaging.pools.counters.fallback import CountersWithFallback
from messaging.pools.counters.in_memory import InMemoryCounters
from messaging.pools.counters.in_redis import RedisCounters

__all__ = ["Turn", "TurnCounters", "Use", "turn_counters"]


def turn_counters() -> TurnCounters:
    """The counters of this process's settings."""
    return _counters(settings.REDIS_URL)


@functools.cache
def _counters(url: str) -> TurnCounters:
    local = InMemoryCounters()
    return CountersWithFallback(RedisCounters(url), local) if url else local
