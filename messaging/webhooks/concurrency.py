"""How many workers may be at one lane at a time: one slow server must not have them all.

Kept in the cache: this bounds work and settles nothing. Who dies in a slot leaves it free after a
while.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache

from messaging.webhooks.host_queues import cache_key

AT_ONCE = 8
SLOW_AT_ONCE = 1
SLOW = 5.0  # seconds that an attempt may last before its lane is called slow
SLOW_FOR = 60  # seconds
HELD = 60  # seconds: longer than a worker's turn


@contextmanager
def taken(lane: str) -> Iterator[bool]:
    """Hold a slot of the lane in the block; false if there is none."""
    places = SLOW_AT_ONCE if cache.get(_slow(lane)) else AT_ONCE
    keys = (cache_key(lane, f"slot-{place}") for place in range(places))
    key = next((key for key in keys if cache.add(key, 1, HELD)), None)
    try:
        yield key is not None
    finally:
        if key is not None:
            cache.delete(key)


def call_slow(lane: str) -> None:
    """Leave the lane to one worker for a minute."""
    cache.set(_slow(lane), 1, SLOW_FOR)


def _slow(lane: str) -> str:
    return cache_key(lane, "slow")
