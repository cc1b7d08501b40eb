"""Run one test in a worker: claim it, send it, and end it even on an error of ours."""

from __future__ import annotations

import logging

from messaging.carrier_tests import timeouts, via_direct, via_gateway
from messaging.carrier_tests.models import CarrierTest, TestStatus, TestVia
from messaging.carrier_tests.transitions import AlreadyEnded, claim, end, locked_test
from messaging.smpp.failures import Failure

logger = logging.getLogger(__name__)

_INTERNAL_ERROR = Failure(
    "internal",
    "the test broke off by a fault of ours",
    "It is in our log. The message may have gone out or not; the steps show how far it came.",
)


def run(test_id: str) -> None:
    """Claim and send the test. Does nothing if the test is no longer queued."""
    waiting = CarrierTest.objects.select_related("credential").filter(pk=test_id).first()
    if waiting is None:
        return
    lease = timeouts.worker_lease(waiting.segments, waiting.credential.throughput)
    test = claim(test_id, lease=lease)
    if test is None:
        return
    try:
        (via_gateway if test.via == TestVia.GATEWAY else via_direct).send(test)
    except AlreadyEnded:
        logger.info("%s ended while it was being sent", test_id)
    except Exception:
        logger.exception("%s broke off", test_id)
        _end_with_error(test_id)


def _end_with_error(test_id: str) -> None:
    try:
        with locked_test(test_id) as test:
            end(test, TestStatus.FAILED, _INTERNAL_ERROR)
    except AlreadyEnded:
        return
