"""A worker's turn at a test: claim it, send, and whatever happens, leave it with an end."""

from __future__ import annotations

import logging

from messaging.carrier_tests import timeouts, via_direct, via_gateway
from messaging.carrier_tests.transitions import Over, claim, end, unfinished
from messaging.carriers.models import CarrierTest, TestStatus, TestVia
from messaging.smpp.failures import Failure

logger = logging.getLogger(__name__)

_OURS = Failure(
    "internal",
    "the test broke off by a fault of ours",
    "It is in our log. The message may have gone out or not; the steps show how far it came.",
)


def run(test_id: str) -> None:
    """Send the test's message. A test that is not queued any more is left alone."""
    waiting = CarrierTest.objects.select_related("credential").filter(pk=test_id).first()
    if waiting is None:
        return
    lease = timeouts.working(waiting.segments, waiting.credential.throughput)
    test = claim(test_id, lease=lease)
    if test is None:
        return
    try:
        (via_gateway if test.via == TestVia.GATEWAY else via_direct).send(test)
    except Over:
        logger.info("%s ended while it was being sent", test_id)
    except Exception:
        logger.exception("%s broke off", test_id)
        _end(test_id)


def _end(test_id: str) -> None:
    try:
        with unfinished(test_id) as test:
            end(test, TestStatus.FAILED, _OURS)
    except Over:
        return
