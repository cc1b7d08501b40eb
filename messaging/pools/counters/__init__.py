"""Whose turn it is: the counters behind the choice, in Redis, for all processes at once.

`turns()` counts in Redis, by one round trip for all the choices of a batch. While Redis is away, or
where there is none, each process counts for itself: choices go on within the rules, only less
evenly (`health`).
"""

from __future__ import annotations

import functools

from django.conf import settings

from messaging.pools.counters.base import Turn, Turns, Use
from messaging.pools.counters.fallback import WithFallback
from messaging.pools.counters.in_memory import LocalTurns
from messaging.pools.counters.in_redis import SharedTurns

__all__ = ["Turn", "Turns", "Use", "turns"]


def turns() -> Turns:
    """The counters of this process's settings."""
    return _turns(settings.REDIS_URL)


@functools.cache
def _turns(url: str) -> Turns:
    local = LocalTurns()
    return WithFallback(SharedTurns(url), local) if url else local
