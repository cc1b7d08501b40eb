"""How long a test may take at each place, and with it for how long nobody else may end it."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from messaging.net.resolution import RESOLVE_TIMEOUT
from messaging.smpp.probe import UNBIND_SECONDS, Limits

MARGIN = 15.0  # seconds, for the database and a machine that is busy
QUEUED = timedelta(minutes=5)
"""A message that leaves much later than it was asked for surprises people: it fails instead."""


def limits() -> Limits:
    return Limits(
        step=settings.CARRIER_TEST_STEP_TIMEOUT, receipt=settings.CARRIER_TEST_RECEIPT_TIMEOUT
    )


def working(segments: int, per_second: float | None) -> timedelta:
    """The longest that a worker can be at a test."""
    step, receipt = limits().step, limits().receipt
    pauses = (segments - 1) / per_second if per_second else 0
    before = RESOLVE_TIMEOUT + 3 * step  # connect, TLS, bind
    seconds = before + segments * step + pauses + receipt + UNBIND_SECONDS
    return timedelta(seconds=seconds + MARGIN)


def awaiting_receipt() -> timedelta:
    """How long the gateway may take to report."""
    return timedelta(seconds=limits().receipt)
