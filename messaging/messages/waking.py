"""Telling the router that messages wait.

A wake-up that gets lost makes messages late, never lost: beat wakes whoever has some that are due.
"""

from __future__ import annotations

import logging

from celery import current_app
from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

TASK = "messaging.messages.tasks.route"
QUICK = 0.5  # seconds: what is to come later than that does not stand for what comes now
_KEPT = 15  # seconds; the task takes the mark away when it is over


def wake_on_commit(organization_id: str, *, after: float = 0.0) -> None:
    """`wake` once the current transaction has committed."""
    transaction.on_commit(lambda: wake(organization_id, after=after))


def wake(organization_id: str, *, after: float = 0.0) -> None:
    """Route the organisation's messages, in `after` seconds; one task for many calls."""
    later = after > QUICK
    try:
        if cache.add(_mark(organization_id, later), 1, _KEPT + after):
            try:
                current_app.send_task(
                    TASK, (organization_id, later), countdown=after if after > 0 else None
                )
            except BaseException:
                over(organization_id, later=later)  # the next one has to try again
                raise
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("messages of %s wait for the next beat: %s", organization_id, error)


def over(organization_id: str, *, later: bool = False) -> None:
    """Whoever calls `wake` from now on queues a task of its own.

    While one runs, it looks for more by itself: a task for each message would be no quicker, and
    two at once would only share its batches.
    """
    cache.delete(_mark(organization_id, later))


def _mark(organization_id: str, later: bool) -> str:
    """Cache key: a task of this organisation is queued or runs; or waits for its moment."""
    return f"route:{organization_id}:{'later' if later else 'now'}"
