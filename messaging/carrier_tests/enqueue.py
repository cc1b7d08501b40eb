"""Handing tests to workers."""

from __future__ import annotations

from django.db import transaction

from messaging import enqueue
from messaging.carrier_tests import timeouts

TASK = "messaging.carrier_tests.tasks.run"  # by its name: the task's module builds on the services


def start_on_commit(test_id: str) -> None:
    """Queue the test once the current transaction has committed."""
    transaction.on_commit(lambda: start(test_id))


def start(test_id: str) -> None:
    """Queue the test; if that fails it stays queued in the database, and beat comes again."""
    enqueue.send(TASK, test_id, expires=timeouts.QUEUED.total_seconds())
