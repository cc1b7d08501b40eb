"""Doors for Celery. A lost task makes messages late, never lost: beat comes again."""

from __future__ import annotations

from celery import shared_task

from messaging.messages import router, sweeping, waking


@shared_task
def route(organization_id: str) -> None:
    """Hand over what an organisation has to send, and come again while something waits."""
    waking.begun(organization_id)
    after = router.route(organization_id)
    if after is not None:
        waking.wake(organization_id, after=after)


@shared_task
def sweep() -> None:
    """Recover what died, end what is over, wake who waits."""
    sweeping.recover()
    sweeping.end_overdue()
    for organization_id in sweeping.waiting():
        waking.wake(organization_id)
