"""Reads delivery receipts as carriers write them, and tells which message one may belong to.

SMPP 3.4 Appendix B has a form for the text and calls it an example; real ones differ in case,
blanks, words, alphabets, and in where they put it. `message_ids` compares ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from messaging.smpp.protocol.message_ids import SURROUNDING
from messaging.smpp.protocol.pdu import Pdu
from messaging.smpp.protocol.tlv import (
    MESSAGE_PAYLOAD,
    MESSAGE_STATE,
    NETWORK_ERROR_CODE,
    RECEIPTED_MESSAGE_ID,
)
from messaging.smpp.protocol.user_data import split_header


class State(StrEnum):
    """What became of a message. `INTERIM`: another receipt follows; `UNKNOWN`: one may."""

    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    EXPIRED = "expired"
    INTERIM = "interim"
    UNKNOWN = "unknown"

    @property
    def is_final(self) -> bool:
        return self in (State.DELIVERED, State.UNDELIVERED, State.EXPIRED)


@dataclass(frozen=True)
class Receipt:
    """What a carrier says became of a message.

    `ids`: the message's id as the receipt writes it, in receipted_message_id and in its text, which
    need not agree. `word` and `error` as the carrier wrote them (`DELIVRD`, `0047`; at most 32
    characters). `source` is the number that the message went to and `destination` its sender, but
    not every carrier exchanges them as it should. `marked`: see `is_marked`.
    """

    ids: tuple[str, ...]
    state: State
    word: str
    error: str
    source: str = ""
    destination: str = ""
    marked: bool = True

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.source, self.destination)))


# message_state (§5.2.28; 0 and 9 are SMPP 5.0's) in the words of Appendix B.
_WORDS = {
    0: "SCHEDULED",
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
    9: "SKIPPED",
}
# By the beginning of the word, in capitals. DELIVERY_FAILED is not DELIVERED.
_STATES = (
    (re.compile(r"DELIV(?!ERY)|DE?LVRD"), State.DELIVERED),
    (re.compile(r"UNDEL|REJ|FAIL|DELET|SKIP"), State.UNDELIVERED),
    (re.compile(r"EXPIR"), State.EXPIRED),
    (re.compile(r"ENROUT|ACC|BUFF|SCHED|ACK|SENT"), State.INTERIM),
)
_RECEIPT, _INTERMEDIATE = 0x04, 0x20  # esm_class, §5.2.12
_MAX_WORD = 32
_MAX_ID = 255
_SAME_NUMBER = 7  # last digits that tell: carriers write numbers nationally as well

# The names of Appendix B and how else they are written. A value ends where the next name begins.
_NAME = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?P<id>(?:message[ _-]?|msg[ _-]?)?id)|sub|dlvrd|(?:submit|done)[ _-]?date"
    r"|(?P<stat>stat(?:us|e)?)|(?P<err>err(?:or)?(?:[ _-]?code)?)|(?P<text>text)"
    r")[\"']?[ \t]*[:=]",
    re.IGNORECASE,
)
# A text that is written as Appendix B writes it, as most are: `_fields` would find the same in it,
# in five times as long.
_AS_IN_APPENDIX_B = re.compile(
    r"id:(?P<id>[0-9A-Za-z-]{1,255}) sub:[0-9]{1,9} dlvrd:[0-9]{1,9} submit date:[0-9]{1,14} "
    r"done date:[0-9]{1,14} stat:(?P<stat>[A-Za-z]{1,32}) err:(?P<err>[0-9A-Za-z]{1,32})"
    r"(?: [Tt]ext:|\Z)"
)
_OTHER_NAME = re.compile(r"[A-Za-z]+:")


def is_marked(pdu: Pdu) -> bool:
    """Whether a deliver_sm or data_sm is marked as a receipt: in esm_class, or by a
    receipted_message_id. Only the carrier can set these."""
    if pdu.number("esm_class") & (_RECEIPT | _INTERMEDIATE):
        return True
    return bool((pdu.tlv(RECEIPTED_MESSAGE_ID) or b"").strip(b"\0 "))


def read_receipt(pdu: Pdu) -> Receipt | None:
    """The receipt in a deliver_sm or data_sm.

    None: an inbound text, or a receipt in an unknown form (then `is_marked` is true). A receipt
    that is not `marked` is a guess from its text, which any phone can write: it counts only for a
    message with these ids that it `fits`.
    """
    marked = is_marked(pdu)
    found = _fields(receipt_text(pdu))
    if not found and (payload := pdu.tlv(MESSAGE_PAYLOAD)):  # beside a short_message
        found = _fields(_decoded(payload))
    stated = found.get("stat", "")
    if not marked and not (stated and found.get("id")):
        return None
    receipted = pdu.tlv(RECEIPTED_MESSAGE_ID) or b""
    ids = (_clean(receipted.decode("latin-1"), _MAX_ID), found.get("id", ""))
    known = tuple(dict.fromkeys(filter(None, ids)))
    if not known:
        return None
    word, state = _state(stated, pdu.tlv(MESSAGE_STATE))
    if pdu.number("esm_class") & _INTERMEDIATE and state is not State.DELIVERED:
        state = State.INTERIM  # it says itself that it is not final
    error = found.get("err", "") or (pdu.tlv(NETWORK_ERROR_CODE) or b"").hex()[:_MAX_WORD]
    source, destination = pdu.text("source_addr"), pdu.text("destination_addr")
    return Receipt(known, state, word, error, source, destination, marked)


def _state(word: str, message_state: bytes | None) -> tuple[str, State]:
    """State from the text's word, or from message_state where only that is known."""
    if word.isdigit() and len(word) == 1:
        word = _WORDS[int(word)]
    state = state_of(word)
    if state is not State.UNKNOWN or message_state is None:
        return word, state
    number = int.from_bytes(message_state[:8])
    standard = _WORDS.get(number, f"message_state {number}")
    return standard if not word or number in _WORDS else word, state_of(standard)


def state_of(word: str) -> State:
    """The state that a `stat` word means, in any case and spelling: its beginning decides."""
    capitals = word.upper()
    for beginning, state in _STATES:
        if beginning.match(capitals):
            return state
    return State.UNKNOWN


def _fields(text: str) -> dict[str, str]:
    """`id`, `stat`, `err`: the first of each that has a value, cut at a blank.

    What stands behind `text:` may be the message itself, which can say anything. It counts only for
    an id or a state that stands nowhere else (some carriers put an empty `text:` before `stat:`).
    """
    if plain := _AS_IN_APPENDIX_B.match(text):
        return plain.groupdict()
    before: dict[str, str] = {}
    behind: dict[str, str] = {}
    found = before
    names = list(_NAME.finditer(text))
    ends = [*(following.start() for following in names[1:]), len(text)]
    for name, end in zip(names, ends, strict=False):
        what = name.lastgroup
        if what == "text":
            found = behind
        elif what and (value := _value(what, text[name.end() : end])):
            found.setdefault(what, value)
    if "id" in before and "stat" in before:
        return before
    return behind | before


def _value(what: str, text: str) -> str:
    words = text.strip(SURROUNDING).split(None, 1)
    if not words or (what != "id" and _OTHER_NAME.match(words[0])):
        return ""  # `err: MSC:33689` has no err
    return _clean(words[0], _MAX_ID if what == "id" else _MAX_WORD)


def _clean(value: str, limit: int) -> str:
    """Printable characters alone (a database takes no NUL), at most `limit`."""
    kept = value.strip(SURROUNDING)[:limit]
    if kept.isprintable():
        return kept
    return "".join(each for each in kept if each.isprintable())


def receipt_text(pdu: Pdu) -> str:
    """The text of a receipt. data_coding does not count: many carriers copy the message's."""
    _, data = split_header(pdu.payload, pdu.number("esm_class"))
    return _decoded(data)


def _decoded(data: bytes) -> str:
    """Decode as UTF-16 if every other octet is zero (a receipt has ASCII letters), else as
    Latin-1."""
    if data[:2] in (b"\xfe\xff", b"\xff\xfe"):
        return data.decode("utf-16", "replace")
    pairs = len(data) // 2
    if pairs >= 2:
        if data[: 2 * pairs : 2].count(0) > pairs // 2:
            return data.decode("utf-16-be", "replace")
        if data[1 : 2 * pairs : 2].count(0) > pairs // 2:
            return data.decode("utf-16-le", "replace")
    return data.decode("latin-1")


def worst_state(states: Iterable[State]) -> State:
    """The state of a message whose parts have these states: undelivered if one part is, not final
    while one part is not. `UNKNOWN` if there are none."""
    said = frozenset(states)
    for state in (
        State.UNDELIVERED,
        State.EXPIRED,
        State.UNKNOWN,
        State.INTERIM,
        State.DELIVERED,
    ):
        if state in said:
            return state
    return State.UNKNOWN


def is_about(number: str, receipt: Receipt) -> bool:
    """Whether a marked receipt may be about a message to `number`: carriers reuse ids."""
    return not receipt.numbers or any(_same_number(number, each) for each in receipt.numbers)


def fits(receipt: Receipt, *, number: str, sender: str) -> bool:
    """Whether the receipt may be about a message to `number` from `sender`.

    One that is not marked must come from exactly this number to exactly this sender: from others it
    is an inbound text, whatever it says.
    """
    if receipt.marked:
        return is_about(number, receipt)
    return _same_number(number, receipt.source) and _same_sender(sender, receipt.destination)


def _same_number(ours: str, theirs: str) -> bool:
    end = ours[-_SAME_NUMBER:]
    return bool(theirs) and theirs.endswith(end)


def _same_sender(ours: str, theirs: str) -> bool:
    if ours.lstrip("+").isdigit() and len(ours) > _SAME_NUMBER:
        return _same_number(ours, theirs)
    return ours.casefold() == theirs.casefold()
