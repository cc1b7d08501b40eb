"""Tasks of Celery. A lost task makes messages late, never lost: beat comes again."""

from __future__ import annotations

from celery import shared_task

from messaging.messages.dispatch import enqueue, overdue, queue, recovery, run

LONGEST_WAIT = 30.0  # seconds until the next look: bounds the effect of a clock set back


@shared_task
def route(organization_id: str, later: bool = False) -> None:
    """Dispatch an organisation's messages, and queue this task again while some wait."""
    try:
        after = run.dispatch(organization_id)
    finally:
        enqueue.over(organization_id, later=later)
    if after is None:
        after = queue.due_in(organization_id)  # one came after the last look
    if after is not None:
        enqueue.wake(organization_id, after=min(after, LONGEST_WAIT))


@shared_task
def sweep() -> None:
    """Recover claims of dead workers, end overdue messages, dispatch those that wait."""
    recovery.recover()
    overdue.end_overdue()
    for organization_id in queue.organizations():
        enqueue.wake(organization_id)
