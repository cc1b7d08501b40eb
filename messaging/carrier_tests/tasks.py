"""Doors for Celery: each calls one function, or queues what one has named."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from messaging.carrier_tests import recovery
from messaging.carrier_tests import run as runner
from messaging.carriers.models import CarrierTest


@shared_task
def run(test_id: str) -> None:
    """Send one test; a second task for the same test does nothing."""
    runner.run(test_id)


@shared_task
def sweep() -> None:
    """End tests whose worker died, start those whose task was lost."""
    recovery.end_overdue(CarrierTest.objects.all())
    for test_id in recovery.forgotten():
        run.apply_async((test_id,), expires=settings.CARRIER_TEST_SWEEP_INTERVAL)
