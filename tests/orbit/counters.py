"""Counts in memory, as `orbit.cache` does in Redis: for tests that have none."""

from __future__ import annotations

import math
import time
from collections import Counter
from typing import Any

from orbit.cache import Bucket, Spent


class Counters:
    """Stands in for `throttling._spend`."""

    def __init__(self) -> None:
        self.used: Counter[str] = Counter()
        self._full_at: dict[str, float] = {}  # microseconds

    def ask(
        self, key: str, *, limit: int = 0, bucket: Bucket | None = None, **unused: Any
    ) -> Spent:
        self.used[key] += bool(limit)
        used = self.used[key]
        if bucket is None:
            return Spent(used)
        now, units = time.time() * 1e6, bucket.units * bucket.each
        missing = max(0.0, self._full_at.get(bucket.key, 0.0) - now)
        taken = used <= limit and missing + units <= bucket.burst
        if taken:
            missing += units
            self._full_at[bucket.key] = now + missing
        return Spent(used, taken, math.ceil(missing))
