"""A session of Jasmin's SMPP server: every well framed PDU is answered, and the session stays open.

Jasmin's faults:
- protocols/smpp/protocol.py:616: query_sm, cancel_sm, replace_sm and all else that it does not
  serve end the session; so does a PDU that smpp.pdu3 can't read.
- smpp.pdu3 (pdu_encoding.py:290-310): TLVs that it does not know, or finds misplaced, are dropped
  or end the session; a `message_payload` may vanish.

The cure: the session reads PDUs with our own package. Rights, routes and counters stay Jasmin's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jasmin.protocols.smpp.protocol import SMPPServerProtocol
from smpp.pdu import constants
from smpp.pdu.error import SMPPProtocolError
from smpp.pdu.operations import (
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    EnquireLink,
    Unbind,
)
from smpp.pdu.pdu_types import CommandStatus
from smpp.twisted.protocol import DataHandlerResponse, SMPPSessionStates
from twisted.internet import defer
from twisted.python.failure import Failure

from messaging.smpp.protocol.command_ids import IDS, RESPONSE
from messaging.smpp.protocol.pdu import Framer, Header, Pdu, PduError, header, read, write
from messaging.smpp.protocol.tlv import TAGS, Tlv
from reconciler.launcher.components.submit_conversion import to_jasmin_submit

BINDS = {
    "bind_receiver": BindReceiver,
    "bind_transmitter": BindTransmitter,
    "bind_transceiver": BindTransceiver,
}
MAY_SUBMIT = (SMPPSessionStates.BOUND_TX, SMPPSessionStates.BOUND_TRX)
CAN_RECEIVE = (SMPPSessionStates.BOUND_RX, SMPPSessionStates.BOUND_TRX)

# Statuses of SMPP 3.4 §5.1.3.
OK, INVALID_LENGTH, INVALID_COMMAND, NOT_BOUND, ALREADY_BOUND = 0x00, 0x02, 0x03, 0x04, 0x05
INVALID_PRIORITY, SYSTEM_ERROR, INVALID_DESTINATION, INVALID_PASSWORD = 0x06, 0x08, 0x0B, 0x0E
OPTED_OUT = Tlv(TAGS["additional_status_info_text"], b"opted out\0")  # §5.3.2.11
REFUSAL_STATUS = {"query_sm": 0x67, "cancel_sm": 0x11, "replace_sm": 0x13, "submit_multi": 0x45}


class SmppServerSession(SMPPServerProtocol):
    """The session of one SMPP client (ESME)."""

    def __init__(self) -> None:
        super().__init__()
        self._framer = Framer()
        self._unanswered: dict[
            int, tuple[defer.Deferred, Any]
        ] = {}  # deliver_sm by sequence: answer, timer

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - as Twisted calls it
        self._framer.feed(data)
        try:
            while (raw := self._framer.next()) is not None:
                self.endPDURead()
                self._received(raw)
        except PduError as error:
            self.log.error("Closed the session of %s: %s", self.system_id, error)
            self._answer("generic_nack", 0, INVALID_LENGTH)
            self.transport.loseConnection()
            return
        if self._framer.has_partial_pdu:
            self.incompletePDURead()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802 - as Twisted calls it
        super().connectionLost(reason)
        for sequence in list(self._unanswered):
            self._resolve(sequence, None)

    @property
    def unanswered(self) -> int:
        """How many deliver_sm wait for their answers."""
        return len(self._unanswered)

    def deliver(self, tlvs: list[Any], fields: dict[str, Any]) -> defer.Deferred:
        """Send a deliver_sm; fires with the status of its answer, None if none came."""
        return self.deliver_octets(write("deliver_sm", sequence=0, tlvs=tlvs, **fields))

    def deliver_octets(self, raw: bytes) -> defer.Deferred:
        """The same of a whole deliver_sm, which gets its sequence here."""
        sequence = self.claimSeqNum() % 0x7FFFFFFF or 1
        answered: defer.Deferred = defer.Deferred()
        timer = self.callLater(self.config().responseTimerSecs, self._resolve, sequence, None)
        self._unanswered[sequence] = (answered, timer)
        self.transport.write(raw[:12] + sequence.to_bytes(4) + raw[16:])
        self.factory.stats.inc("deliver_sm_count")
        self.factory.stats.set("last_sent_pdu_at", datetime.now())
        if self.user is not None:
            self.user.getCnxStatus().smpps["deliver_sm_count"] += 1
        return answered

    def _received(self, raw: bytes) -> None:
        head = header(raw)
        self.factory.stats.set("last_received_pdu_at", datetime.now())
        self.onSMPPOperation()
        if head.is_response:
            self._answered(head)
            return
        if self.user is not None:
            self.user.getCnxStatus().smpps["last_activity_at"] = datetime.now()
        try:
            self._request(head, raw)
        except PduError as error:
            self.log.error("%s of %s can't be read: %s", head.command, self.system_id, error)
            self._refuse(head, INVALID_LENGTH)
        except Exception:
            self.log.exception("%s of %s failed", head.command, self.system_id)
            self._refuse(head, SYSTEM_ERROR)

    def _answered(self, head: Header) -> None:
        """An answer to our deliver_sm, or to Jasmin's unbind or enquire_link."""
        theirs = self.outTxns.get(head.sequence)
        if theirs is None:
            self._resolve(head.sequence, head.status)
        else:
            self.endOutboundTransaction(theirs.request.requireAck(seqNum=head.sequence))

    def _request(self, head: Header, raw: bytes) -> None:
        if head.command in BINDS:
            self._bind(head, read(raw))
        elif head.command == "enquire_link":
            self.onPDURequest_enquire_link(EnquireLink(seqNum=head.sequence))
        elif head.command == "unbind":
            self.onPDURequest_unbind(Unbind(seqNum=head.sequence))
        elif head.command == "submit_sm":
            self._submit(head, read(raw))
        else:
            self._refuse(head, REFUSAL_STATUS.get(head.command, INVALID_COMMAND))

    def _bind(self, head: Header, pdu: Pdu) -> None:
        if self.sessionState is not SMPPSessionStates.OPEN:
            self._refuse(head, ALREADY_BOUND)  # Jasmin would look at its password first
            return
        names = pdu.text("system_id"), pdu.text("password")
        if self.factory.logins.is_silent(self.address, names[0]):
            return  # and the session ends by its timer
        if not all(each.isascii() for each in names):
            self.factory.refused(self.address, names[0])
            self._refuse(head, INVALID_PASSWORD)
            return
        system_id, password = (each.encode() for each in names)
        request = BINDS[head.command](seqNum=head.sequence, system_id=system_id, password=password)
        self.PDURequestReceived(request)

    def sendErrorResponse(self, request: Any, status: Any, system_id: str) -> None:  # noqa: N802
        """Jasmin refuses a bind: for its password (`login` has counted that), or although that was
        right."""
        if status is not CommandStatus.ESME_RINVPASWD:
            self.factory.logins.accepted(self.address, system_id)
        super().sendErrorResponse(request, status, system_id)

    @property
    def address(self) -> str:
        """Of the other end of the connection: of a proxy or NAT, if one is between."""
        return self.transport.getPeer().host

    def _submit(self, head: Header, pdu: Pdu) -> None:
        self.factory.stats.inc("submit_sm_request_count")
        if self.sessionState not in MAY_SUBMIT:
            self._refuse(head, NOT_BOUND)
            if self.sessionState is SMPPSessionStates.UNBIND_PENDING:
                self.disconnect()  # it should have answered our unbind
        elif pdu.number("priority_flag") not in constants.priority_flag_value_map:
            self._refuse(head, INVALID_PRIORITY)
        elif self.factory.is_opted_out(self.user.uid, pdu):
            self._count(INVALID_DESTINATION)
            tlvs = [OPTED_OUT] if self.factory.tells_status_text else []
            self._answer("submit_sm_resp", head.sequence, INVALID_DESTINATION, tlvs=tlvs)
        else:
            handled = defer.maybeDeferred(self.dataRequestHandler, self, to_jasmin_submit(pdu))
            handled.addCallback(self._accepted, head).addErrback(self._failed, head)

    def _accepted(self, result: Any, head: Header) -> None:
        status, message_id = CommandStatus.ESME_RSYSERR, ""
        if isinstance(result, DataHandlerResponse):
            status, message_id = result.status, result.params.get("message_id", "")
        elif isinstance(result, CommandStatus):
            status = result
        value = constants.command_status_name_map[status.name]
        fields = {"message_id": message_id.encode()} if value == OK else {}
        self._count(value)
        self._answer("submit_sm_resp", head.sequence, value, **fields)

    def _failed(self, failure: Failure, head: Header) -> None:
        status = SYSTEM_ERROR
        if failure.check(SMPPProtocolError):
            status = constants.command_status_name_map[failure.value.status.name]
        else:
            self.log.error("A submit_sm of %s failed: %s", self.system_id, failure)
        self._count(status)
        self._refuse(head, status)

    def _count(self, status: int) -> None:
        kind = "submit_sm_count" if status == OK else "other_submit_error_count"
        if status == constants.command_status_name_map["ESME_RTHROTTLED"]:
            kind = "throttling_error_count"
        self.factory.stats.inc(kind)
        if self.user is not None:
            self.user.getCnxStatus().smpps[kind] += 1

    def _refuse(self, head: Header, status: int) -> None:
        answer = f"{head.command}_resp"
        is_known = head.command_id | RESPONSE == IDS.get(answer)
        self._answer(answer if is_known else "generic_nack", head.sequence, status)

    def _answer(self, command: str, sequence: int, status: int, **fields: Any) -> None:
        if self.transport.connected:
            self.transport.write(write(command, sequence=sequence, status=status, **fields))
            self.factory.stats.set("last_sent_pdu_at", datetime.now())

    def _resolve(self, sequence: int, status: int | None) -> None:
        answered, timer = self._unanswered.pop(sequence, (None, None))
        if answered is not None:
            if timer.active():
                timer.cancel()
            answered.callback(status)
