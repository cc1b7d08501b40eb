"""How long whole passes take: a day of quarter hours for each gateway, in the cache.

A pass that finds nothing leaves no row, and its time matters all the same: that is when one sees
that a gateway becomes slow. What a lost cache loses is filled again by the passes that follow.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

SLOT = 900  # seconds
SLOTS = 96  # a day

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Slot:
    """The passes of a quarter hour: how many, and of these how many failed; the seconds of all
    together and of the slowest."""

    passes: int = 0
    failed: int = 0
    seconds: float = 0.0
    slowest: float = 0.0

    @property
    def mean(self) -> float:
        """Seconds of a pass."""
        return self.seconds / self.passes if self.passes else 0.0


def slot_of(moment: datetime) -> int:
    """The number of the quarter hour; it grows by one with each."""
    return int(moment.timestamp()) // SLOT


def record(gateway_id: str, *, seconds: float, failed: bool) -> None:
    """Count a pass; the caller holds the gateway's lock, so nobody else counts meanwhile.

    A cache that is away costs the number, never the pass.
    """
    now = slot_of(timezone.now())
    try:
        day = cache.get(_key(gateway_id), {})
        slot = Slot(*day.get(now, ()))
        day[now] = (
            slot.passes + 1,
            slot.failed + failed,
            slot.seconds + seconds,
            max(slot.slowest, seconds),
        )
        kept = {number: each for number, each in day.items() if number > now - SLOTS}
        cache.set(_key(gateway_id), kept, SLOT * SLOTS)
    except (RedisError, OSError) as error:
        logger.warning("the time of a pass was not kept: %s", error)


def read(gateway_ids: Iterable[str]) -> dict[str, dict[int, Slot]]:
    """The slots of each gateway by their number; none for one that has none."""
    keys = {gateway_id: _key(gateway_id) for gateway_id in gateway_ids}
    try:
        found = cache.get_many(keys.values())
    except (RedisError, OSError) as error:
        logger.warning("the times of passes can't be read: %s", error)
        found = {}
    return {
        gateway_id: {number: Slot(*values) for number, values in found.get(key, {}).items()}
        for gateway_id, key in keys.items()
    }


def _key(gateway_id: str) -> str:
    return f"passes:{gateway_id}"
