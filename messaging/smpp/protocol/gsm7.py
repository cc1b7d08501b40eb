"""The GSM 7-bit default alphabet, one octet a septet as SMPP carries it (3GPP TS 23.038 §6.2.1)."""

from __future__ import annotations

ESCAPE = 0x1B

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = {
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

OCTETS: dict[str, bytes] = {
    character: bytes([code]) for code, character in enumerate(_BASIC) if code != ESCAPE
} | {character: bytes([ESCAPE, code]) for code, character in EXTENSION.items()}
"""The octets of each character. The escape itself is no character."""


def decode(data: bytes) -> str:
    """The text of unpacked septets. Other octets and unknown escapes become U+FFFD."""
    text = []
    octets = iter(data)
    for octet in octets:
        if octet == ESCAPE:
            text.append(EXTENSION.get(next(octets, -1), "\ufffd"))
        else:
            text.append(_BASIC[octet] if octet < len(_BASIC) else "\ufffd")
    return "".join(text)
