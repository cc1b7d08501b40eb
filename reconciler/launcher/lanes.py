"""Receipts find their own message: the carrier's ids count within one account at one carrier.

Jasmin's faults:
- managers/dlr.py:225 and :300: the Redis key is `queue-msgid:ID`, so that two carriers that give
  the same id settle each other's messages, across organisations too.
- managers/dlr.py:108: a receipt that comes before the answer to its submit has been looked at is
  looked up again after ten seconds, and once only.

The cure: the id that is stored and looked up has the connector's `lane` before it, a name which
the connectors of one account share (a transmitter and its receiver) and others do not; without one
it is host, port and system_id. A receipt that is not known yet is looked up again soon, then less
and less often, for longer than an answer may take. Many that are never known, such as those that a
carrier sends twice, must not take the time of all others: of a lane only so many wait.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from jasmin.managers import dlr
from jasmin.managers.listeners import SMPPClientSMListener
from jasmin.protocols.smpp.configs import SMPPClientConfig
from jasmin.queues.factory import AmqpFactory
from twisted.internet import defer, reactor
from txamqp.message import Message

BETWEEN = ":"  # no id that Jasmin reads in a receipt has it
FIRST_LOOK, LONGEST = 0.1, 60.0  # seconds until the next look, three times as long each time
LOOKS = 8  # the last after 96 s; our connectors wait 60 s for an answer
MOST = 1000  # receipts of a lane that wait for their next look: then 80 looks/s at most

_waiting: Counter[str] = Counter()  # by lane


def scoped(config: SMPPClientConfig, carrier_id: str) -> str:
    """The carrier's id as it is stored and looked up; no space is in it."""
    account = f"{config.host}\n{config.port}\n{config.username}"
    lane = config.lane or hashlib.sha256(account.encode()).hexdigest()[:16]
    return f"{lane}{BETWEEN}{carrier_id.replace(' ', '_')}"


class Scoped:
    """The AMQP broker of one connector: its ids leave with their lane."""

    def __init__(self, broker: AmqpFactory, config: SMPPClientConfig) -> None:
        self._broker, self._config = broker, config

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)

    def publish(self, **message: Any) -> Any:
        properties = message["content"].properties
        headers = properties.get("headers", {})
        if message["routing_key"] == "dlr.deliver_sm":
            properties["message-id"] = scoped(self._config, properties["message-id"])
        elif "smpp_msgid" in headers and BETWEEN not in headers["smpp_msgid"]:
            headers["smpp_msgid"] = scoped(self._config, headers["smpp_msgid"])
        return self._broker.publish(**message)


def correct() -> None:
    make, report = SMPPClientSMListener.__init__, dlr.DLRContentForHttpapi
    make_lookup = dlr.DLRLookup.__init__

    def make_scoped(self: SMPPClientSMListener, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        self.amqpBroker = Scoped(self.amqpBroker, self.SMPPClientFactory.config)

    def report_without_lane(*args: Any, id_smsc: str = "", **kwargs: Any) -> Any:
        return report(*args, id_smsc=id_smsc.rpartition(BETWEEN)[2], **kwargs)

    def make_patient(self: dlr.DLRLookup, *args: Any, **kwargs: Any) -> None:
        make_lookup(self, *args, **kwargs)
        self.config.dlr_lookup_max_retries = LOOKS

    def look_again(self: dlr.DLRLookup, message: Message) -> defer.Deferred:
        message_id = message.content.properties["message-id"]
        lane = message_id.rpartition(BETWEEN)[0]  # none: the answer to a submit
        if lane and _waiting[lane] >= MOST:
            self.log.warning("[msgid:%s] not looked up again: too many are waiting", message_id)
            return self.rejectMessage(message)
        _waiting[lane] += 1

        def look() -> None:
            _waiting[lane] -= 1
            self.rejectMessage(message, requeue=1)

        looks = self.lookup_retrials.get(message_id, 1)
        wait = min(LONGEST, FIRST_LOOK * 3 ** (looks - 1))
        return defer.succeed(reactor.callLater(wait, look))

    SMPPClientSMListener.__init__ = make_scoped
    dlr.DLRContentForHttpapi = report_without_lane
    dlr.DLRLookup.__init__ = make_patient
    dlr.DLRLookup.rejectAndRequeueMessage = look_again
