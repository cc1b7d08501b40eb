"""A session of ours with a carrier, from the bind to the unbind (SMPP 3.4 §2.2).

One request is out at a time. What the carrier asks meanwhile is answered, except messages and
receipts: those are held, so that whoever runs the session says which are its own. All others are
answered ESME_RX_T_APPN ("later"), at the unbind at the latest, so that the carrier keeps them for
their owner.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from messaging.smpp import pdu
from messaging.smpp.connect import BadStream, ConnectionLost, Deadline, Link, LinkError, NoAnswer
from messaging.smpp.status import OK, Status, by_name, describe

BIND_TYPES = ("transceiver", "transmitter", "receiver")
_LIMITS = {"system_id": 15, "password": 8, "system_type": 12, "address_range": 40}  # §5.2.1-7

LATER = by_name("ESME_RX_T_APPN")
_UNKNOWN_COMMAND = by_name("ESME_RINVCMDID")
_UNKNOWN_ERROR = by_name("ESME_RUNKNOWNERR")
_DELIVERIES = ("deliver_sm", "data_sm")
_WITHOUT_ANSWER = ("alert_notification", "outbind")  # §4.12, §4.1.7
_MAX_HELD = 100


class PeerUnbound(ConnectionLost):
    """The carrier ended the session with an unbind of its own."""


@dataclass(frozen=True)
class Account:
    """What a bind says. Raises ValueError for values that cannot go on the wire (smpplib would cut
    them silently)."""

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
class Delivery:
    """A deliver_sm or data_sm that waits for its answer; `fields` as `pdu.fields` gives them,
    empty if they can't be read."""

    head: pdu.Header
    fields: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Submitted:
    """The answer to a submit_sm; `message_id` is "" if it was refused, or the carrier gave none."""

    status: Status
    message_id: str


class Session:
    """Speaks over `link`, in one thread. `on_pdu` gets a line of trace (`pdu.trace`) for each PDU
    in either direction. With `keepalive` (seconds) an enquire_link is sent while it is quiet.

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
        self._link = link
        self._on_pdu = on_pdu
        self._keepalive = keepalive
        self._sequence = 0
        self._held: deque[Delivery] = deque()
        self._leaving = False

    def bind(self, account: Account, *, deadline: Deadline) -> Status:
        """The carrier's answer; §4.1."""
        head, _ = self._ask(
            f"bind_{account.bind_type}",
            deadline,
            system_id=account.system_id,
            password=account.password,
            system_type=account.system_type,
            addr_ton=account.ton,
            addr_npi=account.npi,
            address_range=account.address_range,
        )
        return _status(head)

    def submit(self, *, deadline: Deadline, **fields: Any) -> Submitted:
        """Hand over one message (fields of submit_sm by smpplib's names); §4.4."""
        head, raw = self._ask("submit_sm", deadline, **fields)
        status = _status(head)
        known = _fields(raw) if status == OK else {}
        return Submitted(status, known.get("message_id", ""))

    def delivery(self, *, deadline: Deadline) -> Delivery:
        """The next message or receipt; it has to be answered. Raises NoAnswer at the deadline."""
        while not self._held:
            pause = deadline.within(self._keepalive) if self._keepalive else deadline
            try:
                self._serve(self._read(pause), deadline)
            except NoAnswer:
                if not deadline.left():
                    raise
                self._send("enquire_link", self._next_sequence(), deadline)
        return self._held.popleft()

    def answer(self, delivery: Delivery, status: Status, *, deadline: Deadline) -> None:
        command = f"{delivery.head.command}_resp"
        self._send(command, delivery.head.sequence, deadline, status=status.value)

    def idle(self, seconds: float) -> None:
        """Let time pass without letting the carrier wait."""
        until = Deadline.after(seconds)
        while until.left():
            try:
                self._serve(self._read(until), until)
            except NoAnswer:
                return

    def unbind(self, *, deadline: Deadline) -> None:
        """Say goodbye, so that the carrier frees the bind at once; §4.2."""
        self._leaving = True
        while self._held:
            self.answer(self._held.popleft(), LATER, deadline=deadline)
        try:
            self._ask("unbind", deadline)
        except PeerUnbound:
            return

    def _ask(self, command: str, deadline: Deadline, **fields: Any) -> tuple[pdu.Header, bytes]:
        """Send a request and wait for its answer.

        The sequence is not compared: one request is out, and some SMSCs answer with 0.
        """
        self._send(command, self._next_sequence(), deadline, **fields)
        while True:
            raw = self._read(deadline)
            head = pdu.header(raw)
            if head.is_response and _answers(head.command, command):
                return head, raw
            self._serve(raw, deadline)

    def _serve(self, raw: bytes, deadline: Deadline) -> None:
        """Be polite to what the carrier asks by itself."""
        head = pdu.header(raw)
        if head.is_response or head.command in _WITHOUT_ANSWER:
            return
        if head.command == "enquire_link":
            self._send("enquire_link_resp", head.sequence, deadline)
        elif head.command == "unbind":
            self._send("unbind_resp", head.sequence, deadline)
            self.is_over = True
            raise PeerUnbound(f"{self._link.peer} ended the session (unbind)")
        elif head.command not in _DELIVERIES:
            self._send("generic_nack", head.sequence, deadline, status=_UNKNOWN_COMMAND.value)
        elif self._leaving or len(self._held) >= _MAX_HELD:
            self.answer(Delivery(head, {}), LATER, deadline=deadline)
        else:
            self._held.append(Delivery(head, _fields(raw)))

    def _next_sequence(self) -> int:
        self._sequence += 1
        return self._sequence

    def _send(self, command: str, sequence: int, deadline: Deadline, **fields: Any) -> None:
        raw = pdu.build(command, sequence=sequence, **fields)
        self._trace(raw, "out")
        try:
            self._link.send(raw, deadline=deadline)
        except LinkError:
            self.is_over = True  # part of it may have left: nothing can follow
            raise

    def _read(self, deadline: Deadline) -> bytes:
        try:
            raw = self._link.read(deadline=deadline)
        except (ConnectionLost, BadStream):
            self.is_over = True
            raise
        self._trace(raw, "in")
        return raw

    def _trace(self, raw: bytes, direction: str) -> None:
        if self._on_pdu:
            self._on_pdu(pdu.trace(raw, direction))


def _answers(response: str, command: str) -> bool:
    if command.startswith("bind_") and response.startswith("bind_"):
        return True  # some answer every kind of bind with one and the same response
    return response in (f"{command}_resp", "generic_nack")


def _status(head: pdu.Header) -> Status:
    if head.command == "generic_nack" and head.status == OK.value:
        return _UNKNOWN_ERROR  # it says no, whatever it says
    return describe(head.status)


def _fields(raw: bytes) -> dict[str, Any]:
    try:
        return pdu.fields(pdu.parse(raw))
    except pdu.PduError:
        return {}
