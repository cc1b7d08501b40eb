"""Reports wait for whoever is to hear them, HTTP callbacks and receipts of SMPP platforms alike.

Jasmin's faults:
- routing/configs.py:70: a report is tried four times in two minutes, and then lost.
- routing/throwers.py:200 and :530: what is tried again is kept by message, though each message has
  two reports: one takes away the other's timer, which then is neither tried nor given up, until
  RabbitMQ closes the channel over it half an hour later.

The cure: each report has a timer of its own, of 1 s, doubled each time up to `retry_delay` (30 s),
and, unless the environment says otherwise, so many tries that it survives an outage of an hour.
"""

from __future__ import annotations

import os

from jasmin.routing.throwers import DLRThrower
from twisted.internet import defer, reactor
from txamqp.message import Message

FIRST = 1.0  # seconds
TRIES = 240  # of both reports of a message together


def correct() -> None:
    os.environ.setdefault("DLR_THROWER_MAX_RETRIES", str(TRIES))

    def try_again(self: DLRThrower, message: Message) -> defer.Deferred:
        doubled = FIRST * 2 ** min(self.getThrowingRetrials(message) - 1, 10)
        wait = min(self.config.retry_delay, doubled)
        return defer.succeed(reactor.callLater(wait, self.rejectMessage, message, requeue=1))

    DLRThrower.rejectAndRequeueMessage = try_again
