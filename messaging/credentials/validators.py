"""Checks of a credential's fields. Pure: each returns the value, or raises ValueError.

All but `name` are typed into Jasmin's console, where a line break starts a second command,
characters outside ASCII and spaces at the edges are lost, and the word `none` means null. Each
message says what to do and never repeats the value.
"""

from __future__ import annotations

import re

from messaging.net.hostnames import normalise_host

MAX_NAME = 64
MAX_HOST = 253  # RFC 1035 §2.3.4
MAX_SYSTEM_ID = 15  # SMPP 3.4 §5.2.1: 16 octets with the NUL
MAX_PASSWORD = 16  # SMPP 3.4 §5.2.2 says 8; carriers hand out longer ones, and SMSCs take them
MAX_SYSTEM_TYPE = 12  # SMPP 3.4 §5.2.3: 13 octets with the NUL
MAX_BINDS = 10
MAX_BACKUPS = 3
MAX_ADDRESS_RANGE = 40  # SMPP 3.4 §5.2.7: 41 octets with the NUL
TONS = (0, 1, 2, 3, 4, 5, 6)  # SMPP 3.4 §5.2.5
NPIS = (0, 1, 3, 4, 6, 8, 9, 10, 14, 18)  # SMPP 3.4 §5.2.6

_PRINTABLE_ASCII = re.compile(r"[\x20-\x7e]*")
_JOINERS = "\u200c\u200d"  # zero width (non-)joiner: part of Persian words and of emoji
_SPACES = "\u00a0\u202f\u3000"


def name(value: str) -> str:
    """1 to 64 printable characters of any script, not `none`."""
    _at_most(value, MAX_NAME, "A name")
    if not value.strip():
        raise ValueError("A name needs at least one character that can be seen.")
    if not all(c.isprintable() or c in _JOINERS or c in _SPACES for c in value):
        raise ValueError("Leave out line breaks, tabs and other control characters.")
    return _not_none(value)


def host(value: str) -> str:
    """A DNS name or an IP address, in the spelling of `normalise_host`."""
    _at_most(value, MAX_HOST, "A host")
    if not value.isascii():
        raise ValueError("Write an international host name in its ASCII form (xn--…).")
    return _not_none(normalise_host(value))


def system_id(value: str) -> str:
    """SMPP 3.4 §5.2.1: 1 to 15 characters."""
    _at_most(value, MAX_SYSTEM_ID, "A system_id", "SMPP 3.4 §5.2.1 allows no more")
    return _console_text(_not_empty(value))


def password(value: str) -> str:
    """1 to 16 characters; over the 8 of SMPP 3.4 §5.2.2 not every gateway can send them."""
    if len(value) > MAX_PASSWORD:
        raise ValueError(
            f"Passwords longer than {MAX_PASSWORD} characters don't bind: SMPP 3.4 §5.2.2 allows "
            f"8, and carriers go to {MAX_PASSWORD}. Have the carrier set a shorter one."
        )
    return _console_text(_not_empty(value))


def server_name(value: str) -> str:
    """The name in the carrier's certificate: as a host."""
    return host(value)


def system_type(value: str) -> str:
    """SMPP 3.4 §5.2.3: at most 12 characters, may be empty."""
    _at_most(value, MAX_SYSTEM_TYPE, "A system_type", "SMPP 3.4 §5.2.3 allows no more")
    return _console_text(value)


def address_range(value: str) -> str:
    """SMPP 3.4 §5.2.7: at most 40 characters, may be empty."""
    _at_most(value, MAX_ADDRESS_RANGE, "An address_range", "SMPP 3.4 §5.2.7 allows no more")
    return _console_text(value)


def ton_npi(value: object) -> list[int]:
    """A `[TON, NPI]` pair of numbers that SMPP 3.4 §5.2.5 and §5.2.6 know."""
    is_pair = isinstance(value, list) and len(value) == 2
    if not is_pair or not all(type(number) is int for number in value):
        raise ValueError("Write two whole numbers, [TON, NPI], such as [1, 1].")
    ton, npi = value
    if ton not in TONS:
        raise ValueError(f"TON is one of {_listed(TONS)} (SMPP 3.4 §5.2.5).")
    if npi not in NPIS:
        raise ValueError(f"NPI is one of {_listed(NPIS)} (SMPP 3.4 §5.2.6).")
    return value


def _console_text(value: str) -> str:
    if not _PRINTABLE_ASCII.fullmatch(value):
        raise ValueError(
            "Use printable ASCII characters only: no line breaks, tabs, other control "
            "characters, accents or symbols from outside ASCII."
        )
    if value != value.strip(" "):
        raise ValueError("Remove the spaces at the beginning and the end.")
    return _not_none(value)


def _not_none(value: str) -> str:
    if value.lower() == "none":
        raise ValueError("The word `none` can't be used, in any case: gateways read it as null.")
    return value


def _not_empty(value: str) -> str:
    if not value:
        raise ValueError("Write at least one character.")
    return value


def _at_most(value: str, limit: int, what: str, why: str = "") -> None:
    if len(value) > limit:
        reason = f" ({why})" if why else ""
        raise ValueError(
            f"{what} has at most {limit} characters{reason}, this has {len(value)}: shorten it."
        )


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))
