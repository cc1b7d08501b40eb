"""Transitions of a test: queued -> running -> submitted -> a final status; never back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from messaging.carrier_tests.models import CarrierTest, TestStatus
from messaging.credentials.verification import smpp_status
from messaging.smpp.failures import Failure
from messaging.smpp.probe import Step

_ORDER = (TestStatus.QUEUED, TestStatus.RUNNING, TestStatus.SUBMITTED)
_WRITTEN = (
    "status",
    "steps",
    "pdus",
    "tls_verified",
    "message_id",
    "smpp_status",
    "cause",
    "error",
    "hint",
    "lease_until",
    "finished_at",
)


class AlreadyEnded(Exception):
    """The test has ended or was deleted: stop working on it."""


def claim(test_id: str, *, lease: timedelta) -> CarrierTest | None:
    """Claim a queued test for `lease`; None if it is not queued or another worker has it."""
    now = timezone.now()
    queued = CarrierTest.objects.filter(pk=test_id, status=TestStatus.QUEUED, finished_at=None)
    if not queued.update(status=TestStatus.RUNNING, started_at=now, lease_until=now + lease):
        return None
    return CarrierTest.objects.select_related("credential__status").filter(pk=test_id).first()


@contextmanager
def locked_test(test_id: str) -> Iterator[CarrierTest]:
    """The unfinished test, locked; saved when the block ends. Raises AlreadyEnded."""
    with transaction.atomic():
        tests = CarrierTest.objects.select_for_update(of=("self",))
        test = tests.filter(pk=test_id, finished_at=None).first()
        if test is None:
            raise AlreadyEnded
        before = test.status
        yield test
        if test.finished_at is None and _ORDER.index(test.status) < _ORDER.index(before):
            raise ValueError(f"{test_id}: {before} does not go back to {test.status}")
        test.save(update_fields=_WRITTEN)


def add_step(test: CarrierTest, step: Step) -> None:
    """Add a step, unless the same one is there."""
    told = [(each["step"], each["ok"], each["detail"]) for each in test.steps]
    if (step.step, step.ok, step.detail) not in told:
        test.steps.append(dataclasses.asdict(step))


def end(test: CarrierTest, status: TestStatus, failure: Failure | None = None) -> None:
    """Set the final status; another test of the credential may start once it is saved."""
    test.status, test.finished_at, test.lease_until = status, timezone.now(), None
    if failure is not None:
        test.cause, test.error, test.hint = failure.cause, failure.message, failure.hint
        test.smpp_status = smpp_status(failure.status) if failure.status else None


def ms_since(moment: datetime | None) -> int:
    """Milliseconds from `moment` until now; 0 for None."""
    return 0 if moment is None else round((timezone.now() - moment).total_seconds() * 1000)
