"""What a client says and hears on one connection, from the bind on (SMPP 3.4 §2.2). No socket, no
clock: bytes go in, events and bytes to send come out.

Whatever is well framed is answered under its own sequence and never ends the session. Only a length
that cannot be does, and the unbind of either side.
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
    """The answer to the request `command` that `ask` sent under `sequence`. `status` is not OK
    where a generic_nack came, whatever that says. `pdu` is the answer itself."""

    sequence: int
    command: str
    status: int
    pdu: Pdu


@dataclass(slots=True)
class Delivery:
    """A deliver_sm or data_sm. It waits for `Session.answer`. `raw` is the whole PDU."""

    pdu: Pdu
    raw: bytes = field(repr=False)


@dataclass(slots=True)
class Unreadable:
    """A deliver_sm or data_sm that can't be read, and was refused; `reason` says why."""

    sequence: int
    reason: str
    raw: bytes = field(repr=False)


@dataclass(slots=True)
class Unbound:
    """The peer has ended the session by an unbind, which is answered."""


@dataclass(slots=True)
class Broken:
    """What comes is no SMPP. Nothing more is read, and the connection has to be closed."""

    reason: str


Event = Answered | Delivery | Unreadable | Unbound | Broken


class Session:
    """One connection. Not for use by two threads at once; what it raises is said at each method.

    `on_pdu` is told each PDU, whole, with `in` or `out`. `one_at_a_time`: the user sends a request
    only after the answer to the one before, so that an answer under sequence 0 can be taken for
    that to the one (some carriers write it). `unreadable`: the status for a message that can't be
    read.
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
        """How many answers came that answer nothing."""
        self._on_pdu = on_pdu
        self._one_at_a_time = one_at_a_time
        self._unreadable = unreadable
        self._framer = pdu.Framer()
        self._out = bytearray()
        self._waiting: dict[int, str] = {}
        self._sequence = 0

    @property
    def in_flight(self) -> int:
        """How many requests wait for their answers."""
        return len(self._waiting)

    def ask(self, command: str, *, tlvs: Iterable[Tlv] = (), **fields: int | str | bytes) -> int:
        """Send a request; its sequence. Raises ValueError, and sends nothing, for what can't go on
        the wire (`pdu.write`)."""
        sequence = self._next_sequence()
        self._write(pdu.write(command, sequence=sequence, status=OK.value, tlvs=tlvs, **fields))
        self._waiting[sequence] = command
        return sequence

    def forget(self, sequence: int) -> None:
        """Wait no longer for an answer; one that comes late counts as unasked."""
        self._waiting.pop(sequence, None)

    def answer(self, delivery: Delivery, status: int = OK.value) -> None:
        """Exactly once for each Delivery."""
        self._write(
            pdu.write(f"{delivery.pdu.command}_resp", sequence=delivery.pdu.sequence, status=status)
        )

    def bytes_to_send(self) -> bytes:
        """What has to go out now. Each octet is given once."""
        data = bytes(self._out)
        self._out.clear()
        return data

    @property
    def holds_a_piece(self) -> bool:
        """Whether the stream has stopped inside a PDU."""
        return self._framer.holds_a_piece

    def feed(self, data: bytes) -> list[Event]:
        """What came in, in its order. Look for bytes to send afterwards. Never raises."""
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
            if self._on_pdu:
                self._on_pdu(raw, "in")
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
            status = _NO_REASON  # it says no, whatever it says
        if command == "unbind":
            self.is_over = True
        return Answered(sequence, command, status, pdu.read(raw))

    def _meant(self, head: pdu.Header) -> int | None:
        """The sequence of ours that an answer is for."""
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
        if self._on_pdu:
            self._on_pdu(raw, "out")
        self._out += raw

    def _next_sequence(self) -> int:
        self._sequence = self._sequence % _MAX_SEQUENCE + 1
        while self._sequence in self._waiting:
            self._sequence = self._sequence % _MAX_SEQUENCE + 1
        return self._sequence


def _answers(response: str, command: str) -> bool:
    if command in BINDS:
        # Some answer every kind of bind with one and the same response.
        return response == "generic_nack" or response.removesuffix("_resp") in BINDS
    return response in (f"{command}_resp", "generic_nack")
