"""Tasks of Celery."""

from __future__ import annotations

from celery import shared_task

from messaging.receipts import recovery


# Its first name: workers of the version before, and tasks in the broker, know no other.
@shared_task(name="messaging.reports.tasks.sweep")
def sweep() -> None:
    """Settle what waits for receipts that do not come."""
    recovery.sweep()
