"""Tasks of Celery. A lost task makes deliveries late, never lost: beat comes again."""

from __future__ import annotations

from celery import shared_task

from messaging.webhooks import claims, delivery, enqueue


@shared_task
def deliver(lane: str) -> None:
    """A worker's turn at one lane; a second task finds what the first has left."""
    delivery.deliver(lane)


@shared_task
def sweep() -> None:
    """Wake the lanes with something due: retries, deliveries of killed workers, lost tasks."""
    enqueue.wake(claims.due().order_by().values_list("lane", flat=True).distinct())
