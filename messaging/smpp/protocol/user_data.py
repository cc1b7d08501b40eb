"""User data of a short message: splits off its header and decodes its text (SMPP 3.4 §5.2.19).

Undecodable octets become U+FFFD; nothing is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from messaging.smpp.protocol.data_coding import Charset, charset_of, decoded

UDHI = 0x40
"""esm_class: the user data begins with a header (§5.2.12)."""


@dataclass(frozen=True)
class UserData:
    """`text` without the header; `udh` the header (b"" if none); `part` is (reference, total,
    number) of a concatenated message (3GPP TS 23.040 §9.2.3.24.1, .8) or None."""

    text: str
    udh: bytes
    part: tuple[int, int, int] | None


def read_user_data(data: bytes, *, esm_class: int, data_coding: int) -> UserData:
    """Split off the header and decode the rest. An 8-bit message is shown in hex."""
    udh, rest = split_header(data, esm_class)
    return UserData(decode(rest, data_coding), udh, part(udh))


def split_header(data: bytes, esm_class: int) -> tuple[bytes, bytes]:
    """`(header, rest)`; the header is b"" if esm_class names none or its length is impossible."""
    if esm_class & UDHI and data and data[0] < len(data):
        return data[: data[0] + 1], data[data[0] + 1 :]
    return b"", data


def decode(data: bytes, data_coding: int, default: Charset = Charset.GSM7) -> str:
    """User data without its header as text. `default`: what data_coding 0 means."""
    return decoded([data], charset_of(data_coding, default))


def part(udh: bytes) -> tuple[int, int, int] | None:
    """(reference, total, number) from a header, with a reference of 8 or of 16 bits."""
    found = concatenation(udh)
    return None if found is None else found[1:]


def concatenation(udh: bytes) -> tuple[int, int, int, int] | None:
    """(bits of the reference, reference, total, number) from a header."""
    at = 1
    while at + 1 < len(udh):
        element, length = udh[at], udh[at + 1]
        value = udh[at + 2 : at + 2 + length]
        if element == 0x00 and len(value) == 3:
            return 8, value[0], value[1], value[2]
        if element == 0x08 and len(value) == 4:
            return 16, int.from_bytes(value[:2]), value[2], value[3]
        at += 2 + length
    return None
