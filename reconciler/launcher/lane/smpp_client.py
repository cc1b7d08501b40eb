"""One connection to a carrier: TCP or TLS, bind, enquire_link, unbind.

The protocol package's `Session` reads and writes the PDUs: every well framed PDU is answered under
its own sequence and never ends the bind.
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
from reconciler.launcher.lane.carrier_settings import CarrierSettings
from reconciler.launcher.lane.submit_sm import Fields
from reconciler.launcher.lane.trace import Trace

VERSION = 0x34
BIND_PENDING = {"transceiver": "BIND_TRX_PENDING", "transmitter": "BIND_TX_PENDING"}
BOUND = {"transceiver": "BOUND_TRX", "transmitter": "BOUND_TX"}
UNBIND_TIMEOUT = 2.0  # seconds to wait for unbind_resp
CLOSE_TIMEOUT = 2.0  # seconds for the carrier to read what was written before a close

_log = logging.getLogger("lane")
_PROCESS, _COUNT = secrets.token_hex(6), itertools.count(1)


class SmppClientOwner(Typed):
    """What the client calls when something happens, within the same reactor turn."""

    def opened(self, client: SmppClient) -> None: ...
    def bound(self) -> None: ...
    def refused(self, status: int) -> None: ...
    def answered(self, sequence: int, status: int, carrier_id: str) -> None: ...
    def delivered(self, delivery: Delivery) -> None: ...
    def link_answered(self, seconds: float) -> None: ...
    def count(self, name: str) -> None: ...
    def stamp(self, name: str) -> None: ...
    def pump(self) -> None: ...
    def closed(self, why: str) -> None: ...


@implementer(IHandshakeListener)
class SmppClient(protocol.Protocol):
    """`state`: Jasmin's name for it. `why`: why the connection ends, "" while unknown. `session`:
    an id of this connection, unique among all processes. `live_settings`: the settings that may
    change while it lives."""

    def __init__(self, owner: SmppClientOwner, settings: CarrierSettings) -> None:
        self.state = "NONE"
        self.why = ""
        self.is_verified = False
        self.session = f"{_PROCESS}-{next(_COUNT)}"
        self.live_settings = settings
        self._owner, self._settings = owner, settings
        self._session = Session()
        self._last_received_at = self._deadline = 0.0
        self._enquired_at = 0.0  # when an unanswered enquire_link was sent; 0 if there is none
        self._gave_up_at = 0.0  # when a submit was last given up
        self._is_closing = self._is_closed = False

    # Called by Twisted

    def connectionMade(self) -> None:  # noqa: N802 - as Twisted calls it
        self.transport.setTcpNoDelay(True)
        self.state = "OPEN"
        self._deadline = time.monotonic() + self._settings.bind_timeout
        self._owner.opened(self)
        if not self._settings.tls:
            self._bind()

    def handshakeCompleted(self) -> None:  # noqa: N802 - as Twisted calls it
        if self.transport.disconnecting:
            return  # the certificate is for another name: Twisted calls this all the same
        self.is_verified = self._settings.tls_verify == "full"
        self._bind()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - as Twisted calls it
        self._last_received_at = time.monotonic()
        self._owner.stamp("last_received_pdu_at")
        for event in self._session.feed(data):
            try:
                self._handle(event)
            except Exception:  # a fault of ours must not end the bind
                _log.exception("what the carrier said could not be taken")
        self._owner.pump()
        self.flush()

    def connectionLost(self, reason: Failure = protocol.connectionDone) -> None:  # noqa: N802
        if not self.why:
            self.why = tls.why(reason.value) or (
                "the connection was cut inside a PDU"
                if self._session.has_partial_pdu
                else f"the connection was lost: {reason.getErrorMessage()}"
            )
        self.state = "NONE"
        self._is_closed = True
        self._owner.closed(self.why)

    def show_to(self, trace: Trace | None) -> None:
        """Have the trace keep each PDU from now on; None: no trace."""
        transport, keep = self.transport, None
        if trace is not None:
            keep = trace.keeper(self.session, transport.getHost(), transport.getPeer())
        self._session.on_pdu = keep

    # Sending

    @property
    def is_bound(self) -> bool:
        """Whether it is bound, and not about to close."""
        return self.state.startswith("BOUND") and not self._is_closing

    @property
    def can_submit(self) -> bool:
        """Whether it is bound as transmitter or transceiver, and not about to close."""
        return self.state in ("BOUND_TRX", "BOUND_TX") and not self._is_closing

    @property
    def is_silent(self) -> bool:
        """Whether nothing has come from the carrier since a submit was given up: the connection may
        be dead."""
        return self._gave_up_at > self._last_received_at

    def submit(self, fields: Fields, tlvs: list[Tlv]) -> int:
        """Queue a submit_sm for the next `flush`; its sequence. Raises ValueError: not queued."""
        return self._session.ask("submit_sm", tlvs=tlvs, **fields)

    def forget(self, sequence: int) -> None:
        """Give up a submit that was not answered in time."""
        self._session.forget(sequence)
        self._gave_up_at = time.monotonic()

    def answer(self, delivery: Delivery, status: int = OK.value) -> None:
        """Queue the response to a delivery for the next `flush`."""
        if not self._is_closed:
            self._session.answer(delivery, status)

    def flush(self) -> None:
        """Send all that is queued, in one write."""
        data = self._session.bytes_to_send()
        if data and not self._is_closed:
            self.transport.write(data)
            self._owner.stamp("last_sent_pdu_at")

    def unbind(self, why: str) -> None:
        """Send an unbind; the connection closes with its answer or after `UNBIND_TIMEOUT`."""
        if self._is_closing or self.state == "UNBIND_PENDING":
            return
        if not self.state.startswith("BOUND"):
            self.close(why)
            return
        self.why = why
        self.state = "UNBIND_PENDING"
        self._deadline = time.monotonic() + UNBIND_TIMEOUT
        self._session.ask("unbind")
        self.flush()

    def close(self, why: str, *, at_once: bool = False) -> None:
        """Close when what was written has been read, or at once."""
        self.why = self.why or why
        if at_once or self._is_closing:
            self.transport.abortConnection()
        else:
            self._deadline = time.monotonic() + CLOSE_TIMEOUT
            self.transport.loseConnection()
        self._is_closing = True

    def tick(self, now: float) -> None:
        """Called some times a second: check what should have come by now."""
        settings = self._settings
        if self.state.startswith("BOUND") and not self._is_closing:
            self._check_alive(now)
        elif now > self._deadline:
            late = {"OPEN": "no answer to the TLS handshake", "UNBIND_PENDING": ""}
            text = late.get(self.state, f"no answer to the bind in {settings.bind_timeout:g} s")
            self.close(text, at_once=True)

    def _check_alive(self, now: float) -> None:
        settings = self.live_settings
        if self._enquired_at:
            if self._last_received_at > self._enquired_at:
                self._enquired_at = 0.0  # any octet shows that the carrier is alive
            elif now - self._enquired_at > settings.response_timeout:
                self.close("no answer to enquire_link", at_once=True)
            return
        if self.is_silent or now - self._last_received_at >= settings.enquire_link_interval:
            self._enquired_at = now
            self._session.ask("enquire_link")
            self._owner.count("elink_count")
            self._owner.stamp("last_sent_elink_at")
            self.flush()

    def _bind(self) -> None:
        settings = self._settings
        self.state = BIND_PENDING.get(settings.bind_type, "BIND_RX_PENDING")
        self._deadline = time.monotonic() + settings.bind_timeout
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
            self.close(f"the bind can't be written: {error}")
            return
        self.flush()

    # Receiving

    def _handle(self, event: Event) -> None:
        if isinstance(event, Answered):
            self._on_response(event)
        elif isinstance(event, Delivery):
            self._owner.delivered(event)
        elif isinstance(event, Unreadable):
            self._owner.count("unreadable_count")
        elif isinstance(event, Unbound):
            self.flush()
            self.state = "UNBIND_RECEIVED"
            self.close("the carrier has unbound")
        elif isinstance(event, Broken):
            self.close(f"what the carrier sends is no SMPP: {event.reason}")

    def _on_response(self, event: Answered) -> None:
        if event.command == "submit_sm":
            carrier_id = event.pdu.text("message_id")
            self._owner.answered(event.sequence, event.status, carrier_id)
        elif event.command == "enquire_link":
            if self._enquired_at:
                self._owner.link_answered(time.monotonic() - self._enquired_at)
            self._enquired_at = 0.0
            self._owner.stamp("last_received_elink_at")
        elif event.command == "unbind":
            self.state = "UNBOUND"
            self.close("")
        elif event.status == OK.value:
            self.state = BOUND.get(self._settings.bind_type, "BOUND_RX")
            self._owner.bound()
        else:
            self._owner.refused(event.status)
            self.close("the bind was refused")


class SmppClientFactory(protocol.ClientFactory):
    """Makes the client of one connection."""

    noisy = False

    def __init__(self, owner: SmppClientOwner, settings: CarrierSettings) -> None:
        self._owner, self._settings = owner, settings

    def buildProtocol(self, addr: object) -> SmppClient:  # noqa: N802 - as Twisted calls it
        return SmppClient(self._owner, self._settings)

    def clientConnectionFailed(self, connector: object, reason: Failure) -> None:  # noqa: N802
        self._owner.closed(f"no connection: {reason.getErrorMessage()}")
