"""What was once written to a carrier is never submitted again; what became of it is told.

Jasmin's faults:
- managers/listeners.py:131: a message that RabbitMQ hands out again after a kill is submitted
  again, though it was written before.
- managers/listeners.py:262 and :267: a message without an answer is put back into the queue.
- smpp/twisted/protocol.py:158: after a lost connection its submits wait for their timeouts; :423:
  one lost answer closes the connection, for all others too, and logs the whole message.
- managers/listeners.py:278: a long message is submitted again when its last part was refused, the
  accepted parts with it.
- managers/listeners.py:351: a message held back after ESME_RTHROTTLED takes the room of others,
  and each try is reported as the end.
- managers/listeners.py:136 and clients.py:392: the first message of a started connector may come
  before its queue is known, and is thrown away.

The cure: each message is written down (journal.py) before the first byte of it can reach a socket,
with its answer, and until RabbitMQ has forgotten it. Without an answer it is reported as
NO_ANSWER, acknowledged, and never written again; so is, when Jasmin starts, what a killed one has
left. What was certainly not written goes out, or is reported as NOT_SENT. Only a refusal that means
"later" is tried again, and the whole connector pauses (line.py) meanwhile.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Generator
from datetime import datetime
from pathlib import Path
from typing import Any
from weakref import WeakSet

import telling
from dateutil import parser
from jasmin.managers.clients import SMPPClientManagerPB
from jasmin.managers.listeners import SMPPClientSMListener
from jasmin.protocols.smpp.protocol import SMPPClientProtocol
from journal import Journal
from line import Closed, Line
from smpp.pdu.error import SMPPClientConnectionCorruptedError, SMPPRequestTimoutError
from smpp.pdu.operations import SubmitSM
from smpp.pdu.pdu_types import CommandStatus
from smpp.twisted.protocol import SMPPOutboundTxnResult
from twisted.internet import defer, reactor, task
from txamqp.message import Message

DRAIN = 5.0  # seconds that an orderly end waits for answers
LATER = (CommandStatus.ESME_RTHROTTLED, CommandStatus.ESME_RMSGQFUL)

_lines: WeakSet[Line] = WeakSet()
_started_at = datetime.now()  # as Jasmin dates its messages: local, without a zone


def correct() -> None:
    journal = Journal(Path(os.environ["STORE_PATH"]) / "submits.journal")
    telling.use(journal)
    make = SMPPClientSMListener.__init__

    def make_with_line(self: SMPPClientSMListener, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        self.line = Line(self.SMPPClientFactory)
        _lines.add(self.line)

    def take(self: SMPPClientSMListener, message: Message) -> defer.Deferred:
        queue = self.amqpBroker.client.queues.get(message.consumer_tag)
        if queue is not None:  # it is gone once the connector is (stale_listeners.py)
            queue.get().addCallback(self.submit_sm_callback).addErrback(self.submit_sm_errback)
        return _Sending(self, message, journal).run()

    SMPPClientSMListener.__init__ = make_with_line
    SMPPClientSMListener.submit_sm_callback = take
    reactor.addSystemEventTrigger("before", "shutdown", _drain)
    _correct_stops()
    _correct_connections()


class _Sending:
    """One message, from the queue to its end."""

    def __init__(self, listener: SMPPClientSMListener, message: Message, journal: Journal) -> None:
        self._listener, self._message, self._journal = listener, message, journal
        self._id = message.content.properties["message-id"]
        self._headers = message.content.properties.get("headers", {})
        self._tries = 0
        self._written = False

    @defer.inlineCallbacks
    def run(self) -> Generator[Any, Any, None]:
        try:
            if self._was_written():
                yield self._end()  # telling.py has said it
                return
            pdu = pickle.loads(self._message.content.body)
            if not isinstance(pdu, SubmitSM):
                yield self._end(telling.NOT_SENT)
                return
            while (yield self._try(pdu)):
                self._tries += 1
        except Closed:
            yield self._listener.rejectMessage(self._message, requeue=1)
        except OSError as error:  # of the journal: what can't be written down is not submitted
            self._listener.log.critical("SubmitSmPDU[%s] waits: %s", self._id, error)
            yield self._listener.rejectAndRequeueMessage(self._message)
        except Exception as error:
            self._listener.log.error("SubmitSmPDU[%s] failed: %r", self._id, error)
            yield self._end(telling.NO_ANSWER if self._written else telling.NOT_SENT)

    def _was_written(self) -> bool:
        """By an earlier process; one whose journal is lost may have."""
        if self._id in self._journal.left:
            return True
        if not (self._journal.is_new and self._message.redelivered):
            return False
        if parser.parse(self._headers["created_at"]) > _started_at:
            return False
        telling.tell(self._listener.amqpBroker, self._id, telling.NO_ANSWER)
        return True

    @defer.inlineCallbacks
    def _try(self, pdu: SubmitSM) -> Generator[Any, Any, bool]:
        """Submit it; whether to do so again."""
        if self._has_expired():
            yield self._end(telling.NOT_SENT, "expired")
            return False
        line, config = self._listener.line, self._listener.config
        age = datetime.now() - parser.parse(self._headers["created_at"])
        patience = config.submit_max_age_smppc_not_ready - age.total_seconds()
        parts = _unchain(pdu)
        results = yield line.submit(
            parts,
            give_up_at=reactor.seconds() + patience,
            writing=self._writing,
        )
        _chain(parts)
        if not all(answered for answered, _ in results):
            yield self._end(telling.NO_ANSWER)
            return False
        answers = [answer.response for _, answer in results]
        refused = [each for each in answers if each.status != CommandStatus.ESME_ROK]
        if (
            refused
            and all(each.status in LATER for each in answers)
            and self._has_tries(refused[0])
        ):
            self._journal.over(self._id)  # nothing of it was taken
            self._written = False
            line.too_fast()
            return True
        yield self._answered(
            results[0][1]._replace(request=pdu, response=refused[0] if refused else answers[-1])
        )
        return False

    def _writing(self) -> None:
        self._journal.writing(self._id)
        self._written = True

    @defer.inlineCallbacks
    def _answered(self, result: SMPPOutboundTxnResult) -> Generator[Any, Any, None]:
        """Jasmin logs, acknowledges, tells and bills it."""
        listener = self._listener
        result.response.params.setdefault("message_id", b"")  # some carriers give none
        telling.remember(self._id, listener.SMPPClientFactory.config, result.response)
        listener.submit_retrials[self._id] = float("inf")  # this is the end of it
        yield listener.submit_sm_resp_event(result, self._message)
        listener.submit_retrials.pop(self._id, None)
        telling.forget_later(listener.amqpBroker, self._id)

    def _has_tries(self, refusal: Any) -> bool:
        retrial = self._listener.config.submit_error_retrial.get(refusal.status.name)
        return retrial is not None and self._tries < retrial["count"]

    def _has_expired(self) -> bool:
        expiration = self._headers.get("expiration")
        return expiration is not None and parser.parse(expiration) < datetime.now()

    @defer.inlineCallbacks
    def _end(self, status: str = "", reason: str = "") -> Generator[Any, Any, None]:
        """Tell `status`, if there is one, and take it out of the queue.

        Without RabbitMQ nothing is told or taken: the next process does both.
        """
        listener = self._listener
        if not listener.amqpBroker.connected:
            return
        if status:
            listener.log.error(
                "SMS-MT [cid:%s] [queue-msgid:%s] [status:UNKNOWN/%s] %s",
                listener.SMPPClientFactory.config.id,
                self._id,
                status,
                reason,
            )
            telling.tell(listener.amqpBroker, self._id, status)
        yield listener.ackMessage(self._message)
        telling.forget_later(listener.amqpBroker, self._id)


@defer.inlineCallbacks
def _drain() -> Generator[Any, Any, None]:
    """Write no more, and give what is in flight a moment to be answered."""
    deadline = reactor.seconds() + DRAIN
    for line in _lines:
        line.closed = True
    while any(line.in_flight for line in _lines) and reactor.seconds() < deadline:
        yield task.deferLater(reactor, 0.05)


def _unchain(pdu: SubmitSM) -> list[SubmitSM]:
    """The parts of a message, each by itself: Jasmin would wait for them in a way of its own."""
    parts = [pdu]
    while hasattr(parts[-1], "nextPdu"):
        following = parts[-1].nextPdu
        del parts[-1].nextPdu
        parts.append(following)
    return parts


def _chain(parts: list[SubmitSM]) -> None:
    for part, following in zip(parts, parts[1:], strict=False):
        part.nextPdu = following


def _correct_stops() -> None:
    """A stopped connector gives back what it holds and has not written."""
    start, stop = (
        SMPPClientManagerPB.perspective_connector_start,
        SMPPClientManagerPB.perspective_connector_stop,
    )

    def start_open(self: SMPPClientManagerPB, cid: str) -> defer.Deferred:
        connector = self.getConnector(cid)
        if connector is not None:
            connector["sm_listener"].line.closed = False
        return start(self, cid)

    @defer.inlineCallbacks
    def stop_closed(
        self: SMPPClientManagerPB, cid: str, delQueues: bool = False
    ) -> Generator[Any, Any, bool]:
        connector = self.getConnector(cid)
        stopped = yield stop(self, cid, delQueues)
        if connector is not None:
            connector["sm_listener"].line.closed = True  # its consumer is gone by now
        return stopped

    SMPPClientManagerPB.perspective_connector_start = start_open
    SMPPClientManagerPB.perspective_connector_stop = stop_closed


def _correct_connections() -> None:
    """A lost connection has lost its answers; a lost answer is not a lost connection."""
    lost, receive, expire = (
        SMPPClientProtocol.connectionLost,
        SMPPClientProtocol.PDUReceived,
        SMPPClientProtocol.onResponseTimeout,
    )

    def lose_answers_too(self: SMPPClientProtocol, reason: Any) -> None:
        lost(self, reason)
        for transaction in list(self.outTxns.values()):
            if isinstance(transaction.request, SubmitSM):
                error = SMPPClientConnectionCorruptedError("the connection was lost")
                self.endOutboundTransactionErr(transaction.request, error)

    def receive_and_note(self: SMPPClientProtocol, pdu: Any) -> None:
        self.heard_at = reactor.seconds()
        receive(self, pdu)

    def expire_alone(self: SMPPClientProtocol, request: Any, timeout: float) -> None:
        """A carrier that has said anything since is not dead."""
        if not isinstance(request, SubmitSM):
            expire(self, request, timeout)
            return
        error = SMPPRequestTimoutError(f"no answer to submit_sm {request.seqNum} in {timeout} s")
        self.endOutboundTransactionErr(request, error)
        if reactor.seconds() - getattr(self, "heard_at", 0) > timeout:
            self.shutdown()

    SMPPClientProtocol.connectionLost = lose_answers_too
    SMPPClientProtocol.PDUReceived = receive_and_note
    SMPPClientProtocol.onResponseTimeout = expire_alone
