"""Celery tasks of test sends."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from messaging.carrier_tests import recovery
from messaging.carrier_tests import run as runner
from messaging.carrier_tests.models import CarrierTest


@shared_task
def run(test_id: str) -> None:
    """Send one test; a second task for the same test does nothing."""
    runner.run(test_id)


@shared_task
def sweep() -> None:
    """End overdue tests, and queue those that no worker took."""
    recovery.end_overdue(CarrierTest.objects.all())
    for test_id in recovery.queued_too_long():
        run.apply_async((test_id,), expires=settings.CARRIER_TEST_SWEEP_INTERVAL)
