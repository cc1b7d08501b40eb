"""The session of an SMPP client, without I/O: bytes go in, events and bytes to send come out.

Every well framed PDU is answered under its own sequence and never ends the session. Only an
impossible length ends it, or an unbind of either side (SMPP 3.4 §2.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from messaging.smpp.protocol import pdu
from messaging.smpp.protocol.command_ids import BINDS, WITHOUT_ANSWER
from messaging.smpp.protocol.command_status import OK, by_name
from messaging.smpp.protocol.pdu import Pdu
from messaging.smpp.protocol.tlv import Tlv

_MAX_SEQUENCE = 0x7FFFFFFF  # §5.1.4
_DELIVERIES = frozenset({"deliver_sm", "data_sm"})
_UNKNOWN_COMMAND = by_name("ESME_RINVCMDID").value
_UNREADABLE = by_name("ESME_RINVCMDLEN").value
_NO_REASON = by_name("ESME_RUNKNOWNERR").value


@dataclass(slots=True)
class Answered:
    """The response `pdu` to the request `command` that `ask` sent under `sequence`.

    `status` is never OK for a generic_nack, whatever its own status.
    """

    sequence: int
    command: str
    status: int
    pdu: Pdu


@dataclass(slots=True)
class Delivery:
    """A deliver_sm or data_sm that `Session.answer` has to answer. `raw` is the whole PDU."""

    pdu: Pdu
    raw: bytes = field(repr=False)


@dataclass(slots=True)
class Unreadable:
    """A deliver_sm or data_sm that could not be read and was refused; `reason` says why."""

    sequence: int
    reason: str
    raw: bytes = field(repr=False)


@dataclass(slots=True)
class Unbound:
    """The peer sent an unbind; it is answered, and the session is over."""


@dataclass(slots=True)
class Broken:
    """The peer does not send SMPP. Nothing more is read; the caller closes the connection."""

    reason: str


Event = Answered | Delivery | Unreadable | Unbound | Broken


class Session:
    """One connection. Not thread-safe.

    `on_pdu` is called with each whole PDU and `in` or `out`, and may be set at any time.
    `one_at_a_time`: the caller sends a request only after the response to the one before, so that a
    response under sequence 0, which some carriers send, can be matched. `unreadable`: the status
    that refuses an unreadable delivery.
    """

    def __init__(
        self,
        *,
        on_pdu: Callable[[bytes, str], object] | None = None,
        one_at_a_time: bool = False,
        unreadable: int = _UNREADABLE,
    ) -> None:
        self.is_over = False
        """Nothing more is read: after Unbound, Broken, or the answer to an unbind of ours."""
        self.unasked = 0
        """How many responses matched no request."""
        self.on_pdu = on_pdu
        self._one_at_a_time = one_at_a_time
        self._unreadable = unreadable
        self._framer = pdu.Framer()
        self._out = bytearray()
        self._waiting: dict[int, str] = {}
        self._sequence = 0

    @property
    def in_flight(self) -> int:
        """How many requests have no response yet."""
        return len(self._waiting)

    def ask(self, command: str, *, tlvs: Iterable[Tlv] = (), **fields: int | str | bytes) -> int:
        """Send a request and return its sequence. Raises ValueError as `pdu.write` does: nothing is
        sent."""
        sequence = self._next_sequence()
        self._write(pdu.write(command, sequence=sequence, status=OK.value, tlvs=tlvs, **fields))
        self._waiting[sequence] = command
        return sequence

    def forget(self, sequence: int) -> None:
        """Wait no longer for a response; a late one counts as `unasked`."""
        self._waiting.pop(sequence, None)

    def answer(self, delivery: Delivery, status: int = OK.value) -> None:
        """Send the response to a delivery. Call it exactly once for each."""
        self._write(
            pdu.write(f"{delivery.pdu.command}_resp", sequence=delivery.pdu.sequence, status=status)
        )

    def bytes_to_send(self) -> bytes:
        """Take the bytes that have to be sent now."""
        data = bytes(self._out)
        self._out.clear()
        return data

    @property
    def has_partial_pdu(self) -> bool:
        """Whether the stream stops inside a PDU."""
        return self._framer.has_partial_pdu

    def feed(self, data: bytes) -> list[Event]:
        """The events of received bytes, in order. Send `bytes_to_send` afterwards. Never raises."""
        events: list[Event] = []
        if self.is_over:
            return events
        self._framer.feed(data)
        while not self.is_over:
            try:
                raw = self._framer.next()
            except pdu.PduError as error:
                self.is_over = True
                events.append(Broken(str(error)))
                break
            if raw is None:
                break
            if self.on_pdu:
                self.on_pdu(raw, "in")
            event = self._take(raw)
            if event is not None:
                events.append(event)
        return events

    def _take(self, raw: bytes) -> Event | None:
        head = pdu.header(raw)
        if head.is_response:
            return self._answered(head, raw)
        command = head.command
        if command in _DELIVERIES:
            return self._delivered(head, raw)
        if command == "enquire_link":
            self._reply("enquire_link_resp", head.sequence)
        elif command == "unbind":
            self._reply("unbind_resp", head.sequence)
            self.is_over = True
            return Unbound()
        elif command not in WITHOUT_ANSWER:
            self._reply("generic_nack", head.sequence, _UNKNOWN_COMMAND)
        return None

    def _delivered(self, head: pdu.Header, raw: bytes) -> Event:
        try:
            return Delivery(pdu.read(raw), raw)
        except pdu.PduError as error:
            self._reply(f"{head.command}_resp", head.sequence, self._unreadable)
            return Unreadable(head.sequence, str(error), raw)

    def _answered(self, head: pdu.Header, raw: bytes) -> Answered | None:
        sequence = self._meant(head)
        if sequence is None:
            self.unasked += 1
            return None
        command = self._waiting.pop(sequence)
        status = head.status
        if head.command == "generic_nack" and status == OK.value:
            status = _NO_REASON  # a generic_nack is a refusal, whatever its status
        if command == "unbind":
            self.is_over = True
        return Answered(sequence, command, status, pdu.read(raw))

    def _meant(self, head: pdu.Header) -> int | None:
        """The sequence of the request that a response belongs to."""
        asked = self._waiting.get(head.sequence)
        if asked is not None and _answers(head.command, asked):
            return head.sequence
        if len(self._waiting) != 1:
            return None
        sequence, asked = next(iter(self._waiting.items()))
        tolerant = asked in BINDS or (self._one_at_a_time and head.sequence == 0)
        return sequence if tolerant and _answers(head.command, asked) else None

    def _reply(self, command: str, sequence: int, status: int = OK.value) -> None:
        self._write(pdu.write(command, sequence=sequence, status=status))

    def _write(self, raw: bytes) -> None:
        if self.on_pdu:
            self.on_pdu(raw, "out")
        self._out += raw

    def _next_sequence(self) -> int:
        self._sequence = self._sequence % _MAX_SEQUENCE + 1
        while self._sequence in self._waiting:
            self._sequence = self._sequence % _MAX_SEQUENCE + 1
        return self._sequence


def _answers(response: str, command: str) -> bool:
    if command in BINDS:
        # Some carriers answer every kind of bind with the same response.
        return response == "generic_nack" or response.removesuffix("_resp") in BINDS
    return response in (f"{command}_resp", "generic_nack")
