"""Queue the task that dispatches an organisation's messages: one task for many calls."""

from __future__ import annotations

from django.db import transaction

from messaging import enqueue

TASK = "messaging.messages.tasks.route"  # by its name: the task's module builds on this one
QUICK = 0.5  # seconds; a task queued for later does not replace one that is needed now
_KEPT = 15  # seconds; the task removes the mark when it ends


def wake_on_commit(organization_id: str, *, after: float = 0.0) -> None:
    """`wake` once the current transaction has committed."""
    transaction.on_commit(lambda: wake(organization_id, after=after))


def wake(organization_id: str, *, after: float = 0.0) -> None:
    """Dispatch the organisation's messages in `after` seconds."""
    later = after > QUICK
    countdown = after if after > 0 else None
    mark = _mark(organization_id, later)
    enqueue.send_once(mark, _KEPT + after, TASK, organization_id, later, countdown=countdown)


def over(organization_id: str, *, later: bool = False) -> None:
    """The task has ended: the next `wake` queues another one.

    While the task runs it looks for more messages itself; a second one would only share its
    batches.
    """
    enqueue.over(_mark(organization_id, later))


def _mark(organization_id: str, later: bool) -> str:
    """Cache key: a task of this organisation is queued or runs; or waits for its moment."""
    return f"route:{organization_id}:{'later' if later else 'now'}"
