"""Celery tasks of operations."""

from __future__ import annotations

from celery import shared_task

from orbit.operations import retention


@shared_task(name="orbit.api.tasks.prune")  # its name since the first release: queues may hold it
def prune() -> None:
    """Delete old rows; beat sends it once a day."""
    retention.prune()
