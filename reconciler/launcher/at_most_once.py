"""What was once written to a carrier is never submitted again; what became of it is told.

Jasmin's faults, besides those in sending.py:
- smpp/twisted/protocol.py:158: after a lost connection its submits wait for their timeouts; :423:
  one lost answer closes the connection, for all others too, and logs the whole message.
- managers/listeners.py:136 and clients.py:392: the first message of a started connector may come
  before its queue is known, and is thrown away.

The cure: each message is a `Sending` in the `Line` of its connector, with one journal for all. What
a killed process has left is told when Jasmin starts (telling.py). An orderly end writes no more and
waits for answers.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any
from weakref import WeakSet

import telling
from jasmin.managers.clients import SMPPClientManagerPB
from jasmin.managers.listeners import SMPPClientSMListener
from jasmin.protocols.smpp.protocol import SMPPClientProtocol
from journal import Journal
from line import Line
from sending import Sending
from smpp.pdu.error import SMPPClientConnectionCorruptedError, SMPPRequestTimoutError
from smpp.pdu.operations import SubmitSM
from twisted.internet import defer, reactor, task
from txamqp.message import Message

DRAIN = 5.0  # seconds that an orderly end waits for answers

_lines: WeakSet[Line] = WeakSet()


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
        return Sending(self, message, journal).run()

    SMPPClientSMListener.__init__ = make_with_line
    SMPPClientSMListener.submit_sm_callback = take
    reactor.addSystemEventTrigger("before", "shutdown", _drain)
    _correct_stops()
    _correct_connections()


@defer.inlineCallbacks
def _drain() -> Generator[Any, Any, None]:
    """Write no more, and give what is in flight a moment to be answered."""
    deadline = reactor.seconds() + DRAIN
    for line in _lines:
        line.closed = True
    while any(line.in_flight for line in _lines) and reactor.seconds() < deadline:
        yield task.deferLater(reactor, 0.05)


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
