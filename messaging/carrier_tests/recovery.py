"""End tests after their worker's death, and queue tests again after their task was lost.

A killed worker or an unreachable broker leaves a test unfinished. Requests that read or create
tests first end the overdue ones among theirs, so that answers are right without beat. Beat ends
all others.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from messaging.carrier_tests import timeouts
from messaging.carrier_tests.gateway_results import ANSWERED, OTHERS_AWAITED
from messaging.carrier_tests.models import CarrierTest, TestStatus, TestVia
from messaging.carrier_tests.transitions import AlreadyEnded, end, locked_test
from messaging.smpp.failures import Failure

QUEUED_TOO_LONG = timedelta(seconds=15)  # queued for longer: its task may be lost


def end_overdue(tests: QuerySet[CarrierTest]) -> None:
    """End those of `tests` that are overdue."""
    for test_id in tests.filter(_overdue()).values_list("pk", flat=True):
        try:
            with locked_test(test_id) as test:
                if _is_overdue(test):  # checked again under the lock
                    _end(test)
        except AlreadyEnded:
            continue


def queued_too_long() -> list[str]:
    """Ids of queued tests that no worker took: their tasks may be lost."""
    since = timezone.now() - QUEUED_TOO_LONG
    waiting = CarrierTest.objects.filter(status=TestStatus.QUEUED, finished_at=None)
    return list(waiting.filter(created_at__lt=since).values_list("pk", flat=True))


def _overdue() -> Q:
    now = timezone.now()
    never_begun = Q(status=TestStatus.QUEUED, created_at__lt=now - timeouts.QUEUED)
    return Q(finished_at=None) & (never_begun | Q(lease_until__lt=now))


def _is_overdue(test: CarrierTest) -> bool:
    now = timezone.now()
    if test.status == TestStatus.QUEUED:
        return test.created_at < now - timeouts.QUEUED
    return test.lease_until is not None and test.lease_until < now


def _end(test: CarrierTest) -> None:
    if test.status == TestStatus.QUEUED:
        end(test, TestStatus.FAILED, _NOT_STARTED)
    elif test.status == TestStatus.SUBMITTED and _is_partly_reported(test):
        end(test, TestStatus.DELIVERED)  # some carriers report only one part
    elif test.status == TestStatus.SUBMITTED and test.via == TestVia.GATEWAY:
        end(test, TestStatus.NO_RECEIPT, _no_receipt(test))
    else:
        end(test, TestStatus.FAILED, _worker_lost(test))


def _is_partly_reported(test: CarrierTest) -> bool:
    return any(each["detail"].endswith(OTHERS_AWAITED) for each in test.steps)


_NOT_STARTED = Failure(
    "not_started",
    f"no worker took the test within {timeouts.QUEUED.total_seconds():g} s; nothing was sent",
    "Our workers or their queue are down: /readyz names what is away. Try again later.",
)


def _worker_lost(test: CarrierTest) -> Failure:
    last = test.steps[-1]["step"] if test.steps else "the start"
    taken = test.status == TestStatus.SUBMITTED
    return Failure(
        "worker_lost",
        f"the worker that ran the test died after {last}",
        "The carrier had taken the message; what became of it is not known."
        if taken
        else "The message may have gone out or not; the carrier's log knows. Test again.",
    )


def _no_receipt(test: CarrierTest) -> Failure:
    said = f"no delivery receipt within {timeouts.receipt_wait().total_seconds():g} s"
    if any(each["detail"].startswith(ANSWERED) for each in test.steps):
        hint = (
            "The carrier took the message and reported nothing: the handset may be off, receipts "
            "may not be switched on for this account, or their ids are written in another way "
            "than `message_id_format` says. `via: direct` tells these apart."
        )
        return Failure("no_receipt", said, hint)
    hint = (
        "The carrier has not answered the submit either: the message may still wait in the "
        "gateway, behind other traffic or a bind that fell. It may go out later."
    )
    return Failure("no_answer", f"{said}, and no answer of the carrier's", hint)
