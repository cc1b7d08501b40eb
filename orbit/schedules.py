"""Celery beat's schedule and scheduler, which survive a clock that is set back."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from celery.beat import PersistentScheduler
from celery.schedules import schedstate, schedule

STEP = 1.0  # seconds; clocks that are adjusted drift by less between two ticks


class Every(schedule):
    """Every so many seconds.

    After the clock is set back, the last run lies in the future; Celery's own schedule waits until
    the clock has caught up.
    """

    def is_due(self, last_run_at: datetime) -> schedstate:
        if self.maybe_make_aware(last_run_at) > self.now():
            return schedstate(is_due=True, next=self.seconds)
        return super().is_due(last_run_at)


class StepAwareScheduler(PersistentScheduler):
    """Celery's scheduler, which plans all entries again after the clock was set back.

    Its heap holds times of day: without this, the next task is due only when the clock has caught
    up.
    """

    _wall_ahead: float | None = None  # of the monotonic clock, in seconds, at the last tick

    def tick(self, *args: Any, **options: Any) -> float:
        """Run what is due; returns the seconds until the next tick."""
        ahead = time.time() - time.monotonic()
        if self._wall_ahead is not None and ahead < self._wall_ahead - STEP:
            self._heap = None
        self._wall_ahead = ahead
        return super().tick(*args, **options)


def sweep(task: str, *, every: int) -> dict[str, Any]:
    """An entry of the schedule; a task that waited for a worker until the next one comes is left
    out."""
    return {"task": task, "schedule": Every(every), "options": {"expires": every - 1}}
