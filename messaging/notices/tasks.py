"""Tasks of Celery. A lost one makes a notice late, never lost: beat comes again."""

from __future__ import annotations

from celery import shared_task

from messaging.enqueue import send
from messaging.notices import deliveries, rounds


@shared_task
def sweep() -> None:
    """Decide; then have a worker send, since servers may be slow."""
    rounds.run()
    send("messaging.notices.tasks.deliver", expires=30)


@shared_task
def deliver() -> None:
    deliveries.send_due()
