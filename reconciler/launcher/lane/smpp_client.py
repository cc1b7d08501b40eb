"""One connection to a carrier: TCP or TLS, bind, enquire_link, unbind.

What is said is the protocol package's `Session`: whatever is well framed is answered under its own
sequence and never costs the bind.
"""

from __future__ import annotations

import itertools
import logging
import secrets
import time
from typing import Protocol as Typed

from twisted.internet import protocol
from twisted.internet.interfaces import IHandshakeListener
from twisted.python.failure import Failure
from zope.interface import implementer

from messaging.smpp.protocol.client_session import (
    Answered,
    Broken,
    Delivery,
    Event,
    Session,
    Unbound,
    Unreadable,
)
from messaging.smpp.protocol.command_status import OK
from messaging.smpp.protocol.tlv import Tlv
from reconciler.launcher.lane import tls
from reconciler.launcher.lane.carrier_settings import Settings
from reconciler.launcher.lane.submit_sm import Fields

VERSION = 0x34
PENDING = {"transceiver": "BIND_TRX_PENDING", "transmitter": "BIND_TX_PENDING"}
BOUND = {"transceiver": "BOUND_TRX", "transmitter": "BOUND_TX"}
UNBINDING = 2.0  # seconds that the carrier has for its unbind_resp
ENDING = 2.0  # seconds that it has to read what was written before an end

_log = logging.getLogger("lane")
_PROCESS, _COUNT = secrets.token_hex(6), itertools.count(1)


class Owner(Typed):
    """Who is told of what happens, within the same turn."""

    def opened(self, wire: Wire) -> None: ...
    def bound(self) -> None: ...
    def refused(self, status: int) -> None: ...
    def answered(self, sequence: int, status: int, carrier_id: str) -> None: ...
    def delivered(self, delivery: Delivery) -> None: ...
    def counted(self, name: str) -> None: ...
    def stamped(self, name: str) -> None: ...
    def turn(self) -> None: ...
    def closed(self, why: str) -> None: ...


@implementer(IHandshakeListener)
class Wire(protocol.Protocol):
    """`state`: as Jasmin calls it. `why`: what ended it, if that is known. `session` names it among
    all of all processes. `timing`: settings that count from now on."""

    def __init__(self, owner: Owner, settings: Settings) -> None:
        self.state = "NONE"
        self.why = ""
        self.is_verified = False
        self.session = f"{_PROCESS}-{next(_COUNT)}"
        self.timing = settings  # what may change while it lives
        self._owner, self._settings = owner, settings
        self._session = Session()
        self._heard_at = self._due_at = 0.0
        self._asked_at = 0.0  # enquire_link that has no answer; 0 if there is none
        self._is_ending = self._is_over = False

    # The connection

    def connectionMade(self) -> None:  # noqa: N802 - as Twisted calls it
        self.transport.setTcpNoDelay(True)
        self.state = "OPEN"
        self._due_at = time.monotonic() + self._settings.bind_timeout
        self._owner.opened(self)
        if not self._settings.tls:
            self._bind()

    def handshakeCompleted(self) -> None:  # noqa: N802 - as Twisted calls it
        if self.transport.disconnecting:
            return  # its certificate is for another name: Twisted says this all the same
        self.is_verified = self._settings.tls_verify == "full"
        self._bind()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - as Twisted calls it
        self._heard_at = time.monotonic()
        self._owner.stamped("last_received_pdu_at")
        for event in self._session.feed(data):
            try:
                self._take(event)
            except Exception:  # ours, not the carrier's: it costs no bind
                _log.exception("what the carrier said could not be taken")
        self._owner.turn()
        self.flush()

    def connectionLost(self, reason: Failure = protocol.connectionDone) -> None:  # noqa: N802
        if not self.why:
            self.why = tls.why(reason.value) or (
                "the connection was cut inside a PDU"
                if self._session.holds_a_piece
                else f"the connection was lost: {reason.getErrorMessage()}"
            )
        self.state = "NONE"
        self._is_over = True
        self._owner.closed(self.why)

    # What goes out

    @property
    def can_submit(self) -> bool:
        return self.state in ("BOUND_TRX", "BOUND_TX") and not self._is_ending

    def submit(self, fields: Fields, tlvs: list[Tlv]) -> int:
        """Its sequence; it leaves with the next `flush`. Raises ValueError: nothing is sent."""
        return self._session.ask("submit_sm", tlvs=tlvs, **fields)

    def forget(self, sequence: int) -> None:
        self._session.forget(sequence)

    def answer(self, delivery: Delivery, status: int = OK.value) -> None:
        """It leaves with the next `flush`."""
        if not self._is_over:
            self._session.answer(delivery, status)

    def flush(self) -> None:
        """All that waits, in one write."""
        data = self._session.bytes_to_send()
        if data and not self._is_over:
            self.transport.write(data)
            self._owner.stamped("last_sent_pdu_at")

    def unbind(self, why: str) -> None:
        """Nothing is submitted any more; the connection ends with the answer, or soon."""
        if self._is_ending or self.state == "UNBIND_PENDING":
            return
        if not self.state.startswith("BOUND"):
            self.end(why)
            return
        self.why = why
        self.state = "UNBIND_PENDING"
        self._due_at = time.monotonic() + UNBINDING
        self._session.ask("unbind")
        self.flush()

    def end(self, why: str, *, at_once: bool = False) -> None:
        self.why = self.why or why
        if at_once or self._is_ending:
            self.transport.abortConnection()
        else:
            self._due_at = time.monotonic() + ENDING
            self.transport.loseConnection()
        self._is_ending = True

    def tick(self, now: float) -> None:
        """Some times a second: what should have been heard by now?"""
        settings = self._settings
        if self.state.startswith("BOUND") and not self._is_ending:
            self._look_for_life(now)
        elif now > self._due_at:
            late = {"OPEN": "no answer to the TLS handshake", "UNBIND_PENDING": ""}
            text = late.get(self.state, f"no answer to the bind in {settings.bind_timeout:g} s")
            self.end(text, at_once=True)

    def _look_for_life(self, now: float) -> None:
        settings = self.timing
        if self._asked_at:
            if self._heard_at > self._asked_at:
                self._asked_at = 0.0  # whoever says anything is alive
            elif now - self._asked_at > settings.response_timeout:
                self.end("no answer to enquire_link", at_once=True)
            return
        if now - self._heard_at >= settings.enquire_link_interval:
            self._asked_at = now
            self._session.ask("enquire_link")
            self._owner.counted("elink_count")
            self._owner.stamped("last_sent_elink_at")
            self.flush()

    def _bind(self) -> None:
        settings = self._settings
        self.state = PENDING.get(settings.bind_type, "BIND_RX_PENDING")
        self._due_at = time.monotonic() + settings.bind_timeout
        try:
            self._session.ask(
                f"bind_{settings.bind_type}",
                system_id=settings.system_id,
                password=settings.password,
                system_type=settings.system_type,
                interface_version=VERSION,
                addr_ton=settings.ton,
                addr_npi=settings.npi,
                address_range=settings.address_range,
            )
        except ValueError as error:
            self.end(f"the bind can't be written: {error}")
            return
        self.flush()

    # What comes in

    def _take(self, event: Event) -> None:
        if isinstance(event, Answered):
            self._answered(event)
        elif isinstance(event, Delivery):
            self._owner.delivered(event)
        elif isinstance(event, Unreadable):
            self._owner.counted("unreadable_count")
        elif isinstance(event, Unbound):
            self.flush()
            self.state = "UNBIND_RECEIVED"
            self.end("the carrier has unbound")
        elif isinstance(event, Broken):
            self.end(f"what the carrier sends is no SMPP: {event.reason}")

    def _answered(self, event: Answered) -> None:
        if event.command == "submit_sm":
            carrier_id = event.pdu.text("message_id")
            self._owner.answered(event.sequence, event.status, carrier_id)
        elif event.command == "enquire_link":
            self._asked_at = 0.0
            self._owner.stamped("last_received_elink_at")
        elif event.command == "unbind":
            self.state = "UNBOUND"
            self.end("")
        elif event.status == OK.value:
            self.state = BOUND.get(self._settings.bind_type, "BOUND_RX")
            self._owner.bound()
        else:
            self._owner.refused(event.status)
            self.end("the bind was refused")


class Dial(protocol.ClientFactory):
    """Makes one connection."""

    noisy = False

    def __init__(self, owner: Owner, settings: Settings) -> None:
        self._owner, self._settings = owner, settings

    def buildProtocol(self, addr: object) -> Wire:  # noqa: N802 - as Twisted calls it
        return Wire(self._owner, self._settings)

    def clientConnectionFailed(self, connector: object, reason: Failure) -> None:  # noqa: N802
        self._owner.closed(f"no connection: {reason.getErrorMessage()}")
