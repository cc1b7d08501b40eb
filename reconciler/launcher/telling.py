"""What became of messages, told even if the process was killed in between. Of `at_most_once`.

Two statuses are ours, and reach HTTP callbacks as the answer to the submit (level 1), SMPP
platforms as a receipt:

- NO_ANSWER: it was written to the carrier, and no answer is known: UNKNOWN.
- NOT_SENT: it was certainly not written, and will not be: UNDELIV.

Jasmin's faults (managers/dlr.py:160-240): a callback for level 2 alone hears of no refusal, and an
SMPP platform that asked for all receipts gets none when the submit was refused.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import lanes
from jasmin.managers.content import DLR, DLRContentForHttpapi, DLRContentForSmpps
from jasmin.managers.dlr import DLRLookup
from jasmin.protocols.cli.factory import JCliFactory
from jasmin.protocols.smpp.configs import SMPPClientConfig
from jasmin.queues.factory import AmqpFactory
from journal import Journal
from smpp.pdu.pdu_types import CommandId, CommandStatus
from twisted.internet import defer, reactor
from txamqp.message import Message
from txredisapi import ConnectionError

NO_ANSWER, NOT_SENT = "ESME_NO_ANSWER", "ESME_NOT_SENT"
STATES = {NO_ANSWER: "UNKNOWN"}  # as receipts say it; all else is UNDELIV
FLUSH = 1.0  # seconds between two looks whether RabbitMQ has been told
_OK = CommandStatus.ESME_ROK.name
_ASKED = ("SMSC_DELIVERY_RECEIPT_REQUESTED", "SMSC_DELIVERY_RECEIPT_REQUESTED_FOR_FAILURE")

_journal: Journal
_acknowledged: list[str] = []


def use(journal: Journal) -> None:
    """Take up what the process before has left, once there is somebody to tell it to."""
    global _journal  # noqa: PLW0603 - one process, one journal
    _journal = journal
    start, answered = JCliFactory.doStart, DLRLookup.submit_sm_resp_dlr_callback

    def start_and_tell(self: JCliFactory) -> defer.Deferred:
        """The console is what jasmind starts last: queues and their consumers are there."""
        for message_id, entry in journal.left.items():
            status = entry.status or NO_ANSWER
            self.log.warning("[msgid:%s] was left by another process: %s", message_id, status)
            tell(self.pb["smppcm"].amqpBroker, message_id, status, entry.carrier_id)
        return start(self)

    @defer.inlineCallbacks
    def report(self: DLRLookup, message: Message) -> Generator[Any, Any, None]:
        if not (yield _reported(self, message)):
            yield answered(self, message)

    JCliFactory.doStart = start_and_tell
    DLRLookup.submit_sm_resp_dlr_callback = report


def tell(broker: AmqpFactory, message_id: str, status: str, carrier_id: str = "") -> None:
    """To DLRLookup, which knows who asked."""
    dlr = DLR(
        pdu_type=CommandId.submit_sm_resp,
        msgid=message_id,
        status=status,
        smpp_msgid=b"" if status == _OK else None,
    )
    if status == _OK:
        dlr.properties["headers"]["smpp_msgid"] = carrier_id
    broker.publish(exchange="messaging", routing_key="dlr.submit_sm_resp", content=dlr)


@defer.inlineCallbacks
def is_heard(redis: Any, message_id: str) -> Generator[Any, Any, bool]:
    """Whether somebody is called with the carrier's answer as it is."""
    try:
        dlr = yield redis.hgetall(f"dlr:{message_id}")
    except ConnectionError:
        return False
    return bool(dlr) and dlr["sc"] == "httpapi" and dlr["level"] in (1, 3)


def remember(message_id: str, config: SMPPClientConfig, answer: Any) -> None:
    """Write an answer down before it is told: a kill may come between."""
    carrier_id = ""
    if answer.status == CommandStatus.ESME_ROK:
        carrier_id = lanes.scoped(config, answer.params["message_id"].decode().upper().lstrip("0"))
    _journal.answered(message_id, answer.status.name, carrier_id)


def forget_later(broker: AmqpFactory, message_id: str) -> None:
    """RabbitMQ is being told that it may forget the message; once it has been, we forget it."""
    if not _acknowledged:
        reactor.callLater(FLUSH, _forget, broker)
    _acknowledged.append(message_id)


def _forget(broker: AmqpFactory) -> None:
    transport = broker.client.transport if broker.connected and broker.client else None
    if transport is None:
        return  # what it was told is unknown
    if transport.dataBuffer or transport._tempDataBuffer:
        reactor.callLater(FLUSH, _forget, broker)
        return
    _journal.over(*_acknowledged)
    _acknowledged.clear()


@defer.inlineCallbacks
def _reported(lookup: DLRLookup, message: Message) -> Generator[Any, Any, bool]:
    """Report what Jasmin would not; whether it is done."""
    message_id = message.content.properties["message-id"]
    status = message.content.body
    status = status.decode() if isinstance(status, bytes) else status
    if status == _OK or lookup.redisClient is None:
        return False
    try:
        dlr = yield lookup.redisClient.hgetall(f"dlr:{message_id}")
    except Exception:
        return False  # Jasmin meets the same fault, and comes again
    content = _report(message_id, STATES.get(status, "UNDELIV"), dlr or {})
    if content is None:
        return False
    route = "dlr_thrower.smpps" if dlr["sc"] == "smppsapi" else "dlr_thrower.http"
    yield lookup.amqpBroker.publish(exchange="messaging", routing_key=route, content=content)
    yield lookup.redisClient.delete(f"dlr:{message_id}")
    yield lookup.ackMessage(message)
    return True


def _report(message_id: str, state: str, dlr: dict[str, Any]) -> Any:
    if dlr.get("sc") == "httpapi" and dlr["level"] == 2:
        return DLRContentForHttpapi(
            state, message_id, dlr["url"], dlr_level=2, method=dlr["method"]
        )
    if dlr.get("sc") == "smppsapi" and str(dlr["rd_receipt"]).endswith(_ASKED):
        return DLRContentForSmpps(
            state,
            message_id,
            dlr["system_id"],
            str(dlr["source_addr"]),
            str(dlr["destination_addr"]),
            dlr["sub_date"],
            dlr["source_addr_ton"],
            dlr["source_addr_npi"],
            dlr["dest_addr_ton"],
            dlr["dest_addr_npi"],
        )
    return None
