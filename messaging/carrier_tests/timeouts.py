"""Timeouts of a test's steps, and the lease of its worker that follows from them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from messaging.net.resolution import RESOLVE_TIMEOUT
from messaging.smpp.probe import UNBIND_SECONDS, Timeouts

MARGIN = 15.0  # seconds, for the database and a busy machine
QUEUED = timedelta(minutes=5)
"""After this a queued test fails: a message that leaves much later would surprise people."""


def probe_timeouts() -> Timeouts:
    return Timeouts(
        step=settings.CARRIER_TEST_STEP_TIMEOUT, receipt=settings.CARRIER_TEST_RECEIPT_TIMEOUT
    )


def worker_lease(segments: int, per_second: float | None) -> timedelta:
    """The longest that a worker can take for a test."""
    step, receipt = probe_timeouts().step, probe_timeouts().receipt
    pauses = (segments - 1) / per_second if per_second else 0
    before = RESOLVE_TIMEOUT + 3 * step  # connect, TLS, bind
    seconds = before + segments * step + pauses + receipt + UNBIND_SECONDS
    return timedelta(seconds=seconds + MARGIN)


def receipt_wait() -> timedelta:
    """How long to wait for the gateway's report of a receipt."""
    return timedelta(seconds=probe_timeouts().receipt)
