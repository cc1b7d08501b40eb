"""Doors for Celery."""

from __future__ import annotations

from celery import shared_task

from messaging.receipts import recovery


@shared_task
def sweep() -> None:
    """Settle what waits for reports that do not come."""
    recovery.sweep()
