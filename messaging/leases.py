"""A lease: for how long one worker alone works on rows that it has claimed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone


@dataclass(frozen=True)
class Lease:
    """`until` is written in the rows: other workers see by it that the lease is over.

    Its worker measures the length too, so that a clock that is set back does not prolong it.
    """

    until: datetime
    _end: float = field(repr=False)  # of time.monotonic()

    @classmethod
    def begin(cls, length: timedelta, *, at: datetime | None = None) -> Lease:
        """A lease from `at` (None: now) on. Begin it before the rows are read."""
        return cls((at or timezone.now()) + length, time.monotonic() + length.total_seconds())

    def holds(self) -> bool:
        """Whether the rows are still this worker's."""
        return time.monotonic() < self._end and timezone.now() < self.until
