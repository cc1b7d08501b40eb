"""Queueing a Celery task once for many calls.

A task that gets lost makes work late, never lost: beat finds what is due. So a broker that is away
is a warning, and no error of the caller's.
"""

from __future__ import annotations

import logging
from typing import Any

from celery import current_app
from django.core.cache import cache
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def send(task: str, *args: Any, **options: Any) -> bool:
    """Queue the task of this name; whether the broker has it. `options`: Celery's."""
    try:
        current_app.send_task(task, args, **options)
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("%s%s is left to beat: %s", task, args, error)
        return False
    return True


def send_once(mark: str, kept: float, task: str, *args: Any, **options: Any) -> bool:
    """`send`, unless there is a `mark` (a cache key) of an earlier one; whether the broker has a
    task. `kept`: seconds after which a mark is forgotten that no task has taken away (`over`)."""
    try:
        if not cache.add(mark, 1, kept):
            return True
    except (RedisError, OSError) as error:
        logger.warning("%s%s is left to beat: %s", task, args, error)
        return False
    sent = False
    try:
        sent = send(task, *args, **options)
    finally:
        if not sent:
            over(mark)  # the next caller has to try again
    return sent


def over(mark: str) -> None:
    """The next `send_once` of this mark queues a task of its own."""
    try:
        cache.delete(mark)
    except (RedisError, OSError) as error:
        logger.warning("%s is kept for a while: %s", mark, error)
