"""When beat's tasks are due."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from celery.beat import PersistentScheduler
from celery.schedules import schedstate, schedule

STEP = 1.0  # seconds; clocks that are adjusted drift by less between two ticks


class Every(schedule):
    """Every so many seconds.

    Celery's own schedule stands still for as long as the clock was set back: the last run lies in
    the future until then.
    """

    def is_due(self, last_run_at: datetime) -> schedstate:
        if self.maybe_make_aware(last_run_at) > self.now():
            return schedstate(is_due=True, next=self.seconds)
        return super().is_due(last_run_at)


class StepAwareScheduler(PersistentScheduler):
    """Celery's scheduler, which asks every entry anew after the clock was set back.

    Its heap holds times of day: without this, the next task comes when the clock is there again.
    """

    _wall_ahead: float | None = None  # of the monotonic clock, in seconds, at the last tick

    def tick(self, *args: Any, **options: Any) -> float:
        """Run what is due; returns the seconds until the next tick."""
        ahead = time.time() - time.monotonic()
        if self._wall_ahead is not None and ahead < self._wall_ahead - STEP:
            self._heap = None
        self._wall_ahead = ahead
        return super().tick(*args, **options)
