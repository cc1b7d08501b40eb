"""How many workers deliver to one lane at a time, and to all lanes of an organisation, so that slow
servers do not hold them all.

The slots are in the cache: they bound work, and correctness does not depend on them. The slot of a
worker that died is free after `HELD`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.cache import cache

from messaging.webhooks.host_queues import cache_key, organization_of

AT_ONCE = 8  # workers
SLOW_AT_ONCE = 1
SLOW = 5.0  # seconds that an attempt may last before its lane is called slow
SLOW_FOR = 60  # seconds that it counts as slow then
HELD = 60  # seconds: longer than a worker's turn


@contextmanager
def slot(lane: str) -> Iterator[bool]:
    """Hold a slot of the lane in the block; false if none is free, there or for its organisation.

    A lane that found none of its organisation is woken again by the sweep.
    """
    places = SLOW_AT_ONCE if cache.get(_slow(lane)) else AT_ONCE
    with (
        _held(organization_of(lane), settings.WEBHOOK_WORKERS_PER_ORGANIZATION) as theirs,
        _held(lane, places if theirs else 0) as ours,
    ):
        yield ours


@contextmanager
def _held(whose: str, places: int) -> Iterator[bool]:
    keys = (cache_key(whose, f"slot-{place}") for place in range(places))
    key = next((key for key in keys if cache.add(key, 1, HELD)), None)
    try:
        yield key is not None
    finally:
        if key is not None:
            cache.delete(key)


def mark_slow(lane: str) -> None:
    """Leave the lane to one worker for a minute."""
    cache.set(_slow(lane), 1, SLOW_FOR)


def _slow(lane: str) -> str:
    return cache_key(lane, "slow")
