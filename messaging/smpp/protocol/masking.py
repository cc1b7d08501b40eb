"""Overwrites in a PDU what is personal: texts and numbers. The PDU keeps its length and its fields,
so that whoever reads PDUs can read it still.

What a carrier says about a message stays (ids, states, errors); what it may not say to everybody is
what the message says, and to whom it goes.
"""

from __future__ import annotations

import re
from struct import Struct

from messaging.smpp.protocol import tlv as tlvs_of
from messaging.smpp.protocol.command_ids import name as command_name
from messaging.smpp.protocol.layouts import LAYOUTS, Kind
from messaging.smpp.protocol.pdu import HEADER_LENGTH, blanked
from messaging.smpp.protocol.tlv import MESSAGE_PAYLOAD, RECEIPTED_MESSAGE_ID, TAGS
from messaging.smpp.protocol.user_data import split_header

STAR = b"*"
_BEGINNING, _END, _LEAST = 4, 2, 7  # digits of a number that stay; fewer in all name no person
_ADDRESSES = frozenset({"source_addr", "destination_addr", "esme_addr"})
_RECEIPT = 0x24  # esm_class: a receipt, or an intermediate one (§5.2.12)
_NUMBER = re.compile(rb"[0-9]{7,}")
_DIGIT = re.compile(rb"[0-9]")
# Of the text of a receipt (Appendix B) all before the first words of the message itself.
_OF_RECEIPT = re.compile(
    rb"(?:\s*(?:id|sub|dlvrd|submit date|done date|stat|err)[:=][0-9A-Za-z_.+-]{0,255})*"
    rb"(?:\s*text[:=])?",
    re.I,
)
_NUMBER_TLVS = frozenset(
    TAGS[name] for name in ("source_subaddress", "dest_subaddress", "callback_num")
)
_TEXT_TLVS = frozenset(
    TAGS[name] for name in ("callback_num_atag", "ussd_service_op", "its_session_info")
)
_WORDS = frozenset({TAGS["additional_status_info_text"]})  # of the carrier; may name a number
_NAMED = frozenset(TAGS.values())
_HEAD = Struct(">HH")


def masked(raw: bytes, *, texts: bool, numbers: bool) -> bytes:
    """The PDU for a reader who may see texts and numbers, or may not. No password is in it.

    TLVs that SMPP does not name stay on what we send (ids for carriers); of what comes in they
    count as texts. What can't be read is a text as a whole.
    """
    raw = blanked(raw)
    if len(raw) == HEADER_LENGTH or (texts and numbers):
        return raw
    return _Mask(raw, texts, numbers).result()


class _Mask:
    def __init__(self, raw: bytes, texts: bool, numbers: bool) -> None:
        self._raw, self._out = raw, bytearray(raw)
        self._command = command_name(int.from_bytes(raw[4:8]))
        self._texts, self._numbers = texts, numbers
        self._esm_class = 0

    def result(self) -> bytes:
        at = self._fields()
        if at < len(self._raw):
            self._tlvs(at)
        return bytes(self._out)

    def _fields(self) -> int:
        """Mask the mandatory parameters; where the TLVs begin."""
        raw, at, length = self._raw, HEADER_LENGTH, len(self._raw)
        layout = LAYOUTS.get(self._command)
        if layout is None:
            return self._all_from(at)
        for name, kind, _ in layout:
            if at >= length:
                break
            if kind is Kind.TEXT:
                end = raw.find(b"\0", at)
                if end < 0:
                    return self._all_from(at)
                if name in _ADDRESSES and not self._numbers:
                    self._number(at, end)
                at = end + 1
            elif kind is Kind.INT:
                if name == "esm_class":
                    self._esm_class = raw[at]
                at += 1
            elif kind is Kind.OCTETS:
                end = at + 1 + raw[at]
                if end > length:
                    return self._all_from(at)
                self._text(at + 1, end)
                at = end
            else:
                return self._all_from(at)  # lists of addresses, which we never send
        return at

    def _tlvs(self, at: int) -> None:
        found, padding = tlvs_of.read(self._raw[at:])
        if found and padding and not _begins_with(self._raw, at, found[0]):
            at += len(padding)
        is_receipt = any(each.tag == RECEIPTED_MESSAGE_ID for each in found)
        for each in found:
            start = at + _HEAD.size
            at = start + len(each.value)
            if each.tag == MESSAGE_PAYLOAD:
                self._text(start, at, is_receipt=is_receipt)
            elif each.tag in _WORDS:
                self._words(start, at)
            elif not self._may_see(each.tag):
                self._cover(start, at)
        self._all_from(at)

    def _may_see(self, tag: int) -> bool:
        if tag in _NUMBER_TLVS:
            return self._numbers
        is_open = tag in _NAMED or self._command == "submit_sm"
        return self._texts or (is_open and tag not in _TEXT_TLVS)

    def _text(self, start: int, end: int, *, is_receipt: bool = False) -> None:
        """Cover a text, but for its header and what a receipt says of the message."""
        if self._texts:
            return
        octets = self._raw[start:end]
        if is_receipt or (self._esm_class & _RECEIPT and self._command != "submit_sm"):
            start += _OF_RECEIPT.match(octets).end()
        else:
            start += len(split_header(octets, self._esm_class)[0])
        self._cover(start, end)

    def _words(self, start: int, end: int) -> None:
        if not self._numbers:
            for each in _NUMBER.finditer(self._raw, start, end):
                self._number(*each.span())

    def _number(self, start: int, end: int) -> None:
        """Leave enough of it to tell two of them apart. Names and short codes are no person's."""
        if len(_DIGIT.findall(self._raw, start, end)) >= _LEAST:
            self._cover(start + _BEGINNING, end - _END)

    def _all_from(self, at: int) -> int:
        """Cover the rest, as it can't be told what is in it; NULs stay."""
        if not (self._texts and self._numbers):
            rest = self._out[at:]
            self._out[at:] = bytes(octet and STAR[0] for octet in rest)
        return len(self._raw)

    def _cover(self, start: int, end: int) -> None:
        if start < end:
            self._out[start:end] = STAR * (end - start)


def _begins_with(raw: bytes, at: int, first: tlvs_of.Tlv) -> bool:
    """Whether the first TLV is there, and not behind padding."""
    return _HEAD.unpack_from(raw, at) == (first.tag, len(first.value))
