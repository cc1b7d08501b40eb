"""Doors for Celery."""

from __future__ import annotations

from celery import shared_task

from orbit.operations import retention


@shared_task
def prune() -> None:
    """Once a day."""
    retention.prune()
