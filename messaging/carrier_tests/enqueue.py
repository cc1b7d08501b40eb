"""Queue a test for a worker."""

from __future__ import annotations

from django.db import transaction

from messaging import enqueue
from messaging.carrier_tests import timeouts

TASK = "messaging.carrier_tests.tasks.run"  # a name: the tasks import the services


def start_on_commit(test_id: str) -> None:
    """Queue the test once the current transaction has committed."""
    transaction.on_commit(lambda: start(test_id))


def start(test_id: str) -> None:
    """Queue the test. If the broker is away, `recovery.queued_too_long` finds it later."""
    enqueue.send(TASK, test_id, expires=timeouts.QUEUED.total_seconds())
