"""Handing tests to workers."""

from __future__ import annotations

import logging

from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from messaging.carrier_tests import limits, tasks

logger = logging.getLogger(__name__)


def start_on_commit(test_id: str) -> None:
    """Queue the test once the current transaction has committed."""
    transaction.on_commit(lambda: start(test_id))


def start(test_id: str) -> None:
    """Queue the test; if that fails it stays queued in the database, and beat comes again."""
    try:
        tasks.run.apply_async((test_id,), expires=limits.QUEUED.total_seconds())
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("%s is not queued yet: %s", test_id, error)
