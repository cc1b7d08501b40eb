"""The readiness check of the turn counters: never down, since choices go on without Redis."""

from __future__ import annotations

import redis

from messaging.pools.counters import turn_counters
from messaging.pools.counters.fallback import CountersWithFallback
from orbit.operations import outages
from orbit.operations.health import Health


def sender_turns() -> Health:
    """Whether senders take turns evenly over all processes."""
    counters = turn_counters()
    if not isinstance(counters, CountersWithFallback):
        return _degraded("since there is no Redis (REDIS_URL is empty)")
    try:
        counters.shared.ping()
    except (redis.RedisError, OSError) as error:
        return _degraded(f"since Redis is away ({outages.why(error)})")
    return Health(True, "counted over all processes")


def _degraded(why: str) -> Health:
    said = f"evenness is degraded: each process counts senders' turns for itself, {why}"
    return Health(True, said, degraded=True)
