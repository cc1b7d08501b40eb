"""Celery tasks. A lost task makes campaigns late, never wrong: beat queues the next one."""

from __future__ import annotations

from celery import shared_task

from messaging.campaigns import scheduler


@shared_task
def sweep() -> None:
    """Start, feed and complete campaigns that are due."""
    scheduler.sweep()
