"""Optional parameters: tag, length, value (SMPP 3.4 §5.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from struct import Struct

RECEIPTED_MESSAGE_ID = 0x001E
NETWORK_ERROR_CODE = 0x0423
MESSAGE_PAYLOAD = 0x0424
MESSAGE_STATE = 0x0427

TYPES = ("octets", "cstring", "int8", "int16", "int32")
"""What a value can be: hexadecimal digits, a text that ends with NUL, numbers."""

_SIZES = {"int8": 1, "int16": 2, "int32": 4}
_MAX_TAG = 0xFFFF
_TAG = re.compile(r"0[xX][0-9A-Fa-f]{1,4}")
_HEAD = Struct(">HH")

# tag: (name, type) of §5.3.2.
_KNOWN: dict[int, tuple[str, str]] = {
    0x0005: ("dest_addr_subunit", "int8"),
    0x0006: ("dest_network_type", "int8"),
    0x0007: ("dest_bearer_type", "int8"),
    0x0008: ("dest_telematics_id", "int16"),
    0x000D: ("source_addr_subunit", "int8"),
    0x000E: ("source_network_type", "int8"),
    0x000F: ("source_bearer_type", "int8"),
    0x0010: ("source_telematics_id", "int8"),
    0x0017: ("qos_time_to_live", "int32"),
    0x0019: ("payload_type", "int8"),
    0x001D: ("additional_status_info_text", "cstring"),
    RECEIPTED_MESSAGE_ID: ("receipted_message_id", "cstring"),
    0x0030: ("ms_msg_wait_facilities", "int8"),
    0x0201: ("privacy_indicator", "int8"),
    0x0202: ("source_subaddress", "octets"),
    0x0203: ("dest_subaddress", "octets"),
    0x0204: ("user_message_reference", "int16"),
    0x0205: ("user_response_code", "int8"),
    0x020A: ("source_port", "int16"),
    0x020B: ("destination_port", "int16"),
    0x020C: ("sar_msg_ref_num", "int16"),
    0x020D: ("language_indicator", "int8"),
    0x020E: ("sar_total_segments", "int8"),
    0x020F: ("sar_segment_seqnum", "int8"),
    0x0210: ("sc_interface_version", "int8"),
    0x0302: ("callback_num_pres_ind", "int8"),
    0x0303: ("callback_num_atag", "octets"),
    0x0304: ("number_of_messages", "int8"),
    0x0381: ("callback_num", "octets"),
    0x0420: ("dpf_result", "int8"),
    0x0421: ("set_dpf", "int8"),
    0x0422: ("ms_availability_status", "int8"),
    NETWORK_ERROR_CODE: ("network_error_code", "octets"),
    MESSAGE_PAYLOAD: ("message_payload", "octets"),
    0x0425: ("delivery_failure_reason", "int8"),
    0x0426: ("more_messages_to_send", "int8"),
    MESSAGE_STATE: ("message_state", "int8"),
    0x0501: ("ussd_service_op", "octets"),
    0x1201: ("display_time", "int8"),
    0x1203: ("sms_signal", "int16"),
    0x1204: ("ms_validity", "int8"),
    0x130C: ("alert_on_message_delivery", "octets"),
    0x1380: ("its_reply_type", "int8"),
    0x1383: ("its_session_info", "octets"),
}

TAGS: dict[str, int] = {name: tag for tag, (name, _) in _KNOWN.items()}
"""Every tag that §5.3.2 names."""


@dataclass(frozen=True, slots=True)
class Tlv:
    tag: int
    value: bytes


def make(tag: int | str, type: str, value: int | str | bytes) -> Tlv:
    """A TLV as people write it: a tag as number or `0x1400`, one of `TYPES`, and the value:
    hexadecimal digits for octets, Latin-1 characters for a cstring (NUL is put behind), a number.

    Raises ValueError that names what is wrong.
    """
    number = _tag(tag)
    if type == "octets":
        data = _octets(value)
    elif type == "cstring":
        data = _cstring(value)
    elif type in _SIZES:
        data = _number(value, type)
    else:
        raise ValueError(f"A type is one of {', '.join(TYPES)}.")
    if len(data) > 0xFFFF:
        raise ValueError("A value has at most 65535 octets.")
    return Tlv(number, data)


def _tag(tag: int | str) -> int:
    if isinstance(tag, str):
        if not _TAG.fullmatch(tag):
            raise ValueError("A tag is written 0x and up to four hexadecimal digits, as 0x1400.")
        tag = int(tag, 16)
    if isinstance(tag, bool) or not 1 <= tag <= _MAX_TAG:
        raise ValueError("A tag is a number from 0x0001 to 0xFFFF.")
    return tag


def _octets(value: int | str | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return bytes.fromhex(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValueError("Octets are written in pairs of hexadecimal digits.") from None


def _cstring(value: int | str | bytes) -> bytes:
    try:
        data = value if isinstance(value, bytes) else value.encode("latin-1")  # type: ignore[union-attr]
    except (AttributeError, UnicodeEncodeError):
        raise ValueError("A cstring has characters of ISO-8859-1 only.") from None
    if b"\0" in data:
        raise ValueError("A cstring has no NUL inside: it ends at the first.")
    return data + b"\0"


def _number(value: int | str | bytes, type: str) -> bytes:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"An {type} is a whole number.")
    size = _SIZES[type]
    if not 0 <= value < 1 << 8 * size:
        raise ValueError(f"An {type} is a number from 0 to {(1 << 8 * size) - 1}.")
    return value.to_bytes(size)


def write(tlvs: Iterable[Tlv]) -> bytes:
    """Raises ValueError for a tag or a length that two octets don't hold."""
    written = []
    for tlv in tlvs:
        if not 0 <= tlv.tag <= _MAX_TAG or len(tlv.value) > 0xFFFF:
            raise ValueError(f"TLV 0x{tlv.tag:04X} of {len(tlv.value)} octets fits no PDU")
        written.append(_HEAD.pack(tlv.tag, len(tlv.value)) + tlv.value)
    return b"".join(written)


def read(data: bytes) -> tuple[list[Tlv], bytes]:
    """The TLVs in `data`, and the octets after the last of them (padding). Never raises.

    Some carriers put a NUL behind short_message that sm_length does not count. Where the octets
    make TLVs only without the NULs at their front, those are padding.
    """
    tlvs, at = _read(data, 0)
    if at == len(data):
        return tlvs, b""
    for start in range(1, min(len(data), 4)):
        if data[start - 1]:
            break
        others, end = _read(data, start)
        if others and end == len(data):
            return others, data[:start]
    return tlvs, data[at:]


def _read(data: bytes, at: int) -> tuple[list[Tlv], int]:
    """The TLVs from `at` on, and where they end."""
    found = []
    while at + 4 <= len(data):
        tag, length = _HEAD.unpack_from(data, at)
        if not tag or at + 4 + length > len(data):  # no TLV has the tag 0
            break
        found.append(Tlv(tag, data[at + 4 : at + 4 + length]))
        at += 4 + length
    return found, at


def as_dict(tlv: Tlv) -> dict[str, int | str]:
    """`{"tag": "0x1400", "value": hexadecimal digits}`, and `name` where §5.3.2 has one."""
    shown: dict[str, int | str] = {"tag": f"0x{tlv.tag:04X}", "value": tlv.value.hex()}
    if tlv.tag in _KNOWN:
        shown["name"] = _KNOWN[tlv.tag][0]
    return shown


def shown(tlv: Tlv) -> tuple[str, int | str]:
    """Name and value for people: `("message_state", 2)`; of a tag that §5.3.2 does not name, and
    of a value that has not the length of its type, the octets: `("0x1400", "31323300")`."""
    name, type = _KNOWN.get(tlv.tag, (f"0x{tlv.tag:04X}", "octets"))
    if type == "cstring":
        return name, tlv.value.rstrip(b"\0").decode("latin-1")
    if type in _SIZES and len(tlv.value) == _SIZES[type]:
        return name, int.from_bytes(tlv.value)
    return name, tlv.value.hex()
