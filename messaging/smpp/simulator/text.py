"""The text of a short message as people read it, from data_coding and user data (§5.2.19).

For logs and tests only: what cannot be read comes out as U+FFFD, nothing is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

UDHI = 0x40  # esm_class: the user data begins with a header (§5.2.12)

# 3GPP TS 23.038 §6.2.1, one octet a character as SMPP carries it.
_GSM = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_ESCAPE = 0x1B


@dataclass(frozen=True)
class UserData:
    """`text` without the header; `udh` the header (b"" if none); `part` is (reference, total,
    number) of a concatenated message (3GPP TS 23.040 §9.2.3.24.1, .8) or None."""

    text: str
    udh: bytes
    part: tuple[int, int, int] | None


def read_user_data(data: bytes, *, esm_class: int, data_coding: int) -> UserData:
    """Split off the header and decode the rest. An 8-bit message is shown in hex."""
    udh = b""
    if esm_class & UDHI and data and data[0] < len(data):
        udh, data = data[: data[0] + 1], data[data[0] + 1 :]
    return UserData(_decode(data, data_coding), udh, _part(udh))


def _decode(data: bytes, data_coding: int) -> str:
    if data_coding == 8:
        return data.decode("utf-16-be", "replace")
    if data_coding == 3:
        return data.decode("latin-1")
    if data_coding in (2, 4):
        return data.hex()
    if data_coding == 1:
        return data.decode("ascii", "replace")
    return gsm_decode(data)


def gsm_decode(data: bytes) -> str:
    """GSM 03.38 default alphabet, unpacked."""
    text = []
    octets = iter(data)
    for octet in octets:
        if octet == _ESCAPE:
            text.append(_GSM_EXTENSION.get(next(octets, -1), "\ufffd"))
        else:
            text.append(_GSM[octet] if octet < 0x80 else "\ufffd")
    return "".join(text)


def _part(udh: bytes) -> tuple[int, int, int] | None:
    at = 1
    while at + 1 < len(udh):
        element, length = udh[at], udh[at + 1]
        value = udh[at + 2 : at + 2 + length]
        if element == 0x00 and len(value) == 3:
            return value[0], value[1], value[2]
        if element == 0x08 and len(value) == 4:
            return int.from_bytes(value[:2]), value[2], value[3]
        at += 2 + length
    return None
