"""TLVs that customers add to their submits (SMPP 3.4 §5.3): `[{tag, type, value}]`. Pure.

`tag`: `0x1400`. `value`: hexadecimal digits for octets, text without the NUL for a cstring, and a
number for other types.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from messaging.smpp.protocol.tlv import TYPES, Tlv, make

MAX_TLVS = 10
MAX_OCTETS = 255  # of one value
_KEYS = ("tag", "type", "value")

_OF_PARTS = "is ours: a long text is cut into parts with a user data header"
_OF_ANSWERS = "belongs to answers and receipts: carriers write it, not senders"
# Tags that customers can't use, and why.
RESERVED: Mapping[int, str] = {
    0x0424: "is the text itself (message_payload): put the text into the message's body",
    0x020C: f"(sar_msg_ref_num) {_OF_PARTS}",
    0x020E: f"(sar_total_segments) {_OF_PARTS}",
    0x020F: f"(sar_segment_seqnum) {_OF_PARTS}",
    0x0426: "(more_messages_to_send) is the gateway's: it alone knows what follows",
    0x001D: f"(additional_status_info_text) {_OF_ANSWERS}",
    0x001E: f"(receipted_message_id) {_OF_ANSWERS}",
    0x0210: f"(sc_interface_version) {_OF_ANSWERS}",
    0x0420: f"(dpf_result) {_OF_ANSWERS}",
    0x0423: f"(network_error_code) {_OF_ANSWERS}",
    0x0425: f"(delivery_failure_reason) {_OF_ANSWERS}",
    0x0427: f"(message_state) {_OF_ANSWERS}",
}

Written = Mapping[str, Any]


class BadTlv(ValueError):
    """An invalid TLV. `key`: the wrong key, "" for the whole; the message says what to do."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def checked(written: Any) -> dict[str, Any]:
    """One TLV, validated and normalised. Raises BadTlv."""
    if not isinstance(written, Mapping):
        raise BadTlv("", "Must be an object of tag, type and value.")
    for name in written:
        if name not in _KEYS:
            raise BadTlv(str(name), "Unknown field: a TLV has tag, type and value.")
    for name in _KEYS:
        if name not in written:
            raise BadTlv(name, "This field is required.")
    tag, type, value = (written[name] for name in _KEYS)
    number = _tag(tag)
    if type not in TYPES:
        raise BadTlv("type", f"Must be one of: {', '.join(TYPES)}.")
    tlv = _made(number, type, value)
    shown = tlv.value.hex() if type == "octets" else value
    return {"tag": f"0x{number:04X}", "type": type, "value": shown}


def on_wire(written: Collection[Written]) -> list[Tlv]:
    """Validated TLVs, encoded for a PDU."""
    return [make(each["tag"], each["type"], each["value"]) for each in written]


def repeated(written: Collection[Written]) -> Iterator[tuple[int, str]]:
    """`(index, tag)` of each TLV that repeats a tag."""
    seen: dict[str, int] = {}
    for place, each in enumerate(written):
        if each["tag"] in seen:
            yield place, each["tag"]
        seen.setdefault(each["tag"], place)


def _tag(tag: Any) -> int:
    if not isinstance(tag, str):
        raise BadTlv("tag", "Must be text in quotes: 0x and four hexadecimal digits.")
    try:
        number = make(tag, "octets", "").tag
    except ValueError as error:
        raise BadTlv("tag", str(error)) from None
    if number in RESERVED:
        raise BadTlv("tag", f"0x{number:04X} {RESERVED[number]}.")
    return number


def _made(number: int, type: str, value: Any) -> Tlv:
    if type in ("octets", "cstring"):
        if not isinstance(value, str):
            raise BadTlv("value", "Must be text in quotes.")
        if type == "octets" and not _is_hex(value):
            raise BadTlv(
                "value", "Octets are pairs of hexadecimal digits without 0x and spaces: 0a1b."
            )
        if type == "cstring" and not (value.isascii() and value.isprintable()):
            raise BadTlv(
                "value",
                "A cstring has printable ASCII characters only; write others as octets, with a "
                "00 at the end.",
            )
    try:
        tlv = make(number, type, value)
    except ValueError as error:
        raise BadTlv("value", str(error)) from None
    if len(tlv.value) > MAX_OCTETS:
        raise BadTlv(
            "value", f"Takes {len(tlv.value)} octets on the wire, at most {MAX_OCTETS} are allowed."
        )
    return tlv


def _is_hex(text: str) -> bool:
    return len(text) % 2 == 0 and all(each in "0123456789abcdefABCDEF" for each in text)
