"""Tasks of Celery. A lost one makes a notice late, never lost: beat comes again."""

from __future__ import annotations

from contextlib import suppress

from celery import shared_task

from messaging.enqueue import send
from messaging.notices import deliveries, rounds
from messaging.notices.channels import NotTold
from messaging.notices.models import NoticeRecipient


@shared_task
def sweep() -> None:
    """Decide; then have a worker send, since servers may be slow."""
    rounds.run()
    send("messaging.notices.tasks.deliver", expires=30)


@shared_task
def deliver() -> None:
    deliveries.send_due()


@shared_task
def try_out(recipient_id: str) -> None:
    """A test that somebody asked for in the console, which shows what came of it."""
    recipient = NoticeRecipient.objects.filter(pk=recipient_id).first()
    if recipient is not None:
        with suppress(NotTold):
            deliveries.test(recipient)
