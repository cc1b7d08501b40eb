"""Run one test in a worker: claim it, send it, and end it even on an error of ours."""

from __future__ import annotations

import logging

from messaging.carrier_tests import timeouts, via_direct, via_gateway
from messaging.carrier_tests.models import CarrierTest, TestStatus, TestVia
from messaging.carrier_tests.transitions import AlreadyEnded, claim, end, locked_test
from messaging.opt_outs.gate import Refusal, Send, refused
from messaging.smpp.failures import Failure

logger = logging.getLogger(__name__)

_INTERNAL_ERROR = Failure(
    "internal",
    "the test broke off by a fault of ours",
    "It is in our log. The message may have gone out or not; the steps show how far it came.",
)
_OPT_IN = "Nothing was sent. Test with a number of your own that has not opted out."


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
        if refusal := _refusal(test):
            _end(test_id, Failure("opted_out", refusal.message, _OPT_IN))
            return
        (via_gateway if test.via == TestVia.GATEWAY else via_direct).send(test)
    except AlreadyEnded:
        logger.info("%s ended while it was being sent", test_id)
    except Exception:
        logger.exception("%s broke off", test_id)
        _end(test_id, _INTERNAL_ERROR)


def _refusal(test: CarrierTest) -> Refusal | None:
    """Why the test may not be sent: the person may have opted out since the request."""
    send = Send(test.to, test.sender)
    return refused(test.credential.organization_id, [send]).get(send)


def _end(test_id: str, failure: Failure) -> None:
    try:
        with locked_test(test_id) as test:
            end(test, TestStatus.FAILED, failure)
    except AlreadyEnded:
        return
