"""Tasks of Celery."""

from __future__ import annotations

from celery import shared_task

from messaging.receipts import recovery


# Its original name: workers of the previous version, and queued tasks, know no other.
@shared_task(name="messaging.reports.tasks.sweep")
def sweep() -> None:
    """End messages whose receipts are late, and match early receipts again."""
    recovery.sweep()
