"""Waking workers: one task for each lane that has something due."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from celery import current_app
from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from messaging.webhooks.lanes import cache_key

logger = logging.getLogger(__name__)

TASK = "messaging.webhooks.tasks.deliver"  # by its name: the task's module builds on this one
EXPIRES = 30  # seconds; the sweep has woken the lane again by then


def wake_on_commit(lanes: Iterable[str]) -> None:
    """Wake workers for these lanes once the current transaction has committed."""
    lanes = frozenset(lanes)
    if lanes:
        transaction.on_commit(lambda: wake(lanes))


def wake(lanes: Iterable[str]) -> None:
    """Queue a task for each lane that has none waiting. What can't be queued the sweep finds."""
    for lane in lanes:
        try:
            _wake(lane)
        except (OperationalError, RedisError, OSError) as error:
            logger.warning("no worker is woken for %s: %s", lane, error)
            return  # the others would fail the same way, a second each


def begun(lane: str) -> None:
    """The task runs: who wakes the lane from now on queues another one."""
    cache.delete(_mark(lane))


def _wake(lane: str) -> None:
    mark = _mark(lane)
    if not cache.add(mark, 1, EXPIRES):
        return
    try:
        current_app.send_task(TASK, (lane,), expires=EXPIRES)
    except BaseException:
        cache.delete(mark)  # the next commit has to try again
        raise


def _mark(lane: str) -> str:
    return cache_key(lane, "woken")
