"""When beat's tasks are due."""

from __future__ import annotations

from datetime import datetime

from celery.schedules import schedstate, schedule


class Every(schedule):
    """Every so many seconds.

    Celery's own schedule stands still for as long as the clock was set back: the last run lies in
    the future until then.
    """

    def is_due(self, last_run_at: datetime) -> schedstate:
        if self.maybe_make_aware(last_run_at) > self.now():
            return schedstate(is_due=True, next=self.seconds)
        return super().is_due(last_run_at)
