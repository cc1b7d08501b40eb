"""A blocking SMPP session with a carrier as an ESME, from bind to unbind (SMPP 3.4 §2.2).

One request is out at a time. Requests of the carrier are answered meanwhile
(`protocol.client_session`), except messages and receipts: the session holds them, and its caller
answers those that are its own. All others, and those that can't be read, are answered
ESME_RX_T_APPN ("later") by the unbind at the latest, so that the carrier keeps them for the
gateway's bind.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from messaging.net.deadline import Deadline
from messaging.net.errors import BadStream, ConnectionLost, LinkError, NoAnswer
from messaging.smpp.link import Link
from messaging.smpp.protocol import client_session, pdu
from messaging.smpp.protocol.client_session import Answered, Broken, Delivery, Unbound, Unreadable
from messaging.smpp.protocol.command_status import OK, Status, by_name, describe
from messaging.smpp.protocol.tlv import Tlv

BIND_TYPES = ("transceiver", "transmitter", "receiver")
_LIMITS = {"system_id": 15, "password": 16, "system_type": 12, "address_range": 40}
"""§5.2.1-7; passwords of more than 8 characters are outside of it, and taken by many carriers."""

LATER = by_name("ESME_RX_T_APPN")
_VERSION = 0x34
_MAX_HELD = 100


class PeerUnbound(ConnectionLost):
    """The carrier ended the session with an unbind of its own."""


@dataclass(frozen=True)
class Account:
    """The fields of a bind. Raises ValueError for values that can't be encoded."""

    system_id: str
    password: str = field(repr=False)
    system_type: str = ""
    bind_type: str = "transceiver"
    ton: int = 0
    npi: int = 0
    address_range: str = ""

    def __post_init__(self) -> None:
        if self.bind_type not in BIND_TYPES:
            raise ValueError(f"bind_type must be one of {', '.join(BIND_TYPES)}")
        for name, limit in _LIMITS.items():
            text = getattr(self, name)
            if len(text) > limit or not text.isascii() or "\0" in text:
                raise ValueError(f"{name}: at most {limit} ASCII characters")


@dataclass(frozen=True)
class Submitted:
    """The answer to a submit_sm; `message_id` is "" if it was refused or the carrier gave none."""

    status: Status
    message_id: str


class Session:
    """A session over `link`, for one thread. `on_pdu` gets a trace line (`pdu.trace`) for each PDU
    in either direction. `keepalive`: seconds of silence after which it sends an enquire_link.

    Every method raises LinkError; after a ConnectionLost or BadStream the session is over
    (`is_over`).
    """

    def __init__(
        self,
        link: Link,
        *,
        on_pdu: Callable[[dict[str, Any]], object] | None = None,
        keepalive: float | None = None,
    ) -> None:
        self.is_over = False
        self.unreadable = 0
        """Number of messages and receipts that could not be read."""
        self._link = link
        self._keepalive = keepalive
        self._held: deque[Delivery] = deque()
        self._unbinding = False

        def trace(raw: bytes, direction: str) -> None:
            if on_pdu:
                on_pdu(pdu.trace(raw, direction))

        self._protocol = client_session.Session(
            on_pdu=trace if on_pdu else None, one_at_a_time=True, unreadable=LATER.value
        )

    def bind(self, account: Account, *, deadline: Deadline) -> Status:
        """The carrier's answer; §4.1."""
        answer = self._request(
            f"bind_{account.bind_type}",
            deadline,
            system_id=account.system_id,
            password=account.password,
            system_type=account.system_type,
            interface_version=_VERSION,
            addr_ton=account.ton,
            addr_npi=account.npi,
            address_range=account.address_range,
        )
        return describe(answer.status)

    def submit(
        self, *, deadline: Deadline, tlvs: Iterable[Tlv] = (), **fields: int | str | bytes
    ) -> Submitted:
        """Hand over one message (fields of submit_sm by the specification's names); §4.4."""
        answer = self._request("submit_sm", deadline, tlvs=tlvs, **fields)
        status = describe(answer.status)
        return Submitted(status, answer.pdu.text("message_id") if status == OK else "")

    def delivery(self, *, deadline: Deadline) -> Delivery:
        """The next message or receipt, to be given to `answer`. Raises NoAnswer at the deadline."""
        while not self._held:
            pause = deadline.within(self._keepalive) if self._keepalive else deadline
            try:
                self._handle(self._read(pause), deadline)
            except NoAnswer:
                if not deadline.left():
                    raise
                self._protocol.forget(self._send_request("enquire_link", deadline))
        return self._held.popleft()

    def answer(self, delivery: Delivery, status: Status, *, deadline: Deadline) -> None:
        self._protocol.answer(delivery, status.value)
        self._flush(deadline)

    def idle(self, seconds: float) -> None:
        """Wait, and answer the carrier's requests meanwhile."""
        until = Deadline.after(seconds)
        while until.left():
            try:
                self._handle(self._read(until), until)
            except NoAnswer:
                return

    def unbind(self, *, deadline: Deadline) -> None:
        """Send unbind, so that the carrier frees the bind at once; §4.2."""
        self._unbinding = True
        while self._held:
            self.answer(self._held.popleft(), LATER, deadline=deadline)
        try:
            self._request("unbind", deadline)
        except PeerUnbound:
            return

    def _request(
        self,
        command: str,
        deadline: Deadline,
        *,
        tlvs: Iterable[Tlv] = (),
        **fields: int | str | bytes,
    ) -> Answered:
        """Send a request and wait for its answer."""
        sequence = self._send_request(command, deadline, tlvs=tlvs, **fields)
        try:
            while True:
                answer = self._handle(self._read(deadline), deadline)
                if answer is not None:
                    return answer
        except NoAnswer:
            self._protocol.forget(sequence)
            raise

    def _send_request(
        self,
        command: str,
        deadline: Deadline,
        *,
        tlvs: Iterable[Tlv] = (),
        **fields: int | str | bytes,
    ) -> int:
        sequence = self._protocol.ask(command, tlvs=tlvs, **fields)
        self._flush(deadline)
        return sequence

    def _handle(self, raw: bytes, deadline: Deadline) -> Answered | None:
        """Handle one PDU; returns it if it answers a request of ours."""
        answer = None
        for event in self._protocol.feed(raw):
            if isinstance(event, Answered):
                answer = event
            elif isinstance(event, Delivery):
                self._hold(event)
            elif isinstance(event, Unreadable):
                self.unreadable += 1
            elif isinstance(event, Broken):
                self.is_over = True
                raise BadStream(f"{self._link.peer} sends what is no SMPP: {event.reason}")
            elif isinstance(event, Unbound):
                self._flush(deadline)
                self.is_over = True
                raise PeerUnbound(f"{self._link.peer} ended the session (unbind)")
        self._flush(deadline)
        return answer

    def _hold(self, delivery: Delivery) -> None:
        if self._unbinding or len(self._held) >= _MAX_HELD:
            self._protocol.answer(delivery, LATER.value)
        else:
            self._held.append(delivery)

    def _flush(self, deadline: Deadline) -> None:
        data = self._protocol.bytes_to_send()
        if not data:
            return
        try:
            self._link.send(data, deadline=deadline)
        except LinkError:
            self.is_over = True  # a part may have been sent: the stream is broken
            raise

    def _read(self, deadline: Deadline) -> bytes:
        try:
            return self._link.read(deadline=deadline)
        except (ConnectionLost, BadStream):
            self.is_over = True
            raise
