"""Kinds of senders, and the TON and NPI that a carrier wants for each (§5.2.5, §5.2.6)."""

from __future__ import annotations

import re

KINDS = ("long_code", "short_code", "alphanumeric")
LONGEST_SHORT_CODE = 8

_KIND = re.compile(r"([a-z_]+)=([0-9]{1,3})/([0-9]{1,3})")


def sender_kind(sender: str) -> str:
    """One of `KINDS`. A number with `+` or of 9 digits or more is a long code, one of fewer digits
    a short code, anything else alphanumeric."""
    digits = sender.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return "alphanumeric"
    is_long = sender.startswith("+") or len(digits) > LONGEST_SHORT_CODE
    return "long_code" if is_long else "short_code"


def parse_senders(text: str) -> dict[str, tuple[int, int]]:
    """`long_code=1/1,short_code=3/0,alphanumeric=5/0` as `{kind: (ton, npi)}`.

    Raises ValueError that names the wrong piece.
    """
    found: dict[str, tuple[int, int]] = {}
    for piece in text.split(","):
        match = _KIND.fullmatch(piece)
        if match is None or match[1] not in KINDS:
            raise ValueError(f"{piece!r} is not like long_code=1/1 ({', '.join(KINDS)})")
        ton, npi = int(match[2]), int(match[3])
        if ton > 255 or npi > 255:
            raise ValueError(f"{piece!r}: TON and NPI are at most 255")
        found[match[1]] = (ton, npi)
    return found
