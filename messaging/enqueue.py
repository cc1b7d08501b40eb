"""Queueing a Celery task once for many calls.

A lost task makes work late, never lost: beat finds rows that are due. So a broker that is away is a
warning, and no error of the caller's.
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
    """Queue the task of this name; return whether the broker has it. `options`: Celery's."""
    try:
        current_app.send_task(task, args, **options)
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("%s%s is left to beat: %s", task, args, error)
        return False
    return True


def send_once(mark: str, kept: float, task: str, *args: Any, **options: Any) -> bool:
    """`send`, unless an earlier call has left its `mark` (a cache key); return whether the broker
    has a task. `kept`: seconds until a mark expires that no task has removed (`over`)."""
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
    """Remove the mark: the next `send_once` queues a task of its own."""
    try:
        cache.delete(mark)
    except (RedisError, OSError) as error:
        logger.warning("%s is kept for a while: %s", mark, error)
