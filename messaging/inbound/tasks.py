"""Tasks of Celery."""

from __future__ import annotations

from celery import shared_task

from messaging.inbound import recovery


@shared_task
def sweep() -> None:
    """Tell texts whose other parts do not arrive, and expire undelivered ones."""
    recovery.sweep()
