"""How long whole passes take: a day of quarter hours for each gateway, in the cache.

A pass that finds nothing leaves no row, but its duration shows when a gateway becomes slow. After
a loss of the cache the next passes fill it again.
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
    """The passes of a quarter hour: their number, how many of them failed, and the seconds of all
    together and of the slowest."""

    passes: int = 0
    failed: int = 0
    seconds: float = 0.0
    slowest: float = 0.0

    @property
    def mean(self) -> float:
        """Seconds of a pass, on average."""
        return self.seconds / self.passes if self.passes else 0.0


def slot_of(moment: datetime) -> int:
    """Return the number of the quarter hour, counted from 1970."""
    return int(moment.timestamp()) // SLOT


def record(gateway_id: str, *, seconds: float, failed: bool) -> None:
    """Count a pass. The caller holds the gateway's lock, so no other process counts meanwhile.

    Without the cache the count is lost, and the pass goes on.
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
    """Return the slots of each gateway by their number; {} for a gateway without any."""
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
