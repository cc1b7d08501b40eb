"""Tasks of Celery. A lost task makes campaigns late, never wrong: beat comes again."""

from __future__ import annotations

from celery import shared_task

from messaging.campaigns import scheduler


@shared_task
def sweep() -> None:
    """Begin, feed and end what is due."""
    scheduler.sweep()
