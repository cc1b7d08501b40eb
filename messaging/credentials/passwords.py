"""SMPP passwords: generate one, compare two."""

from __future__ import annotations

import hmac
import secrets
import string

GENERATED = 8  # characters: SMPP 3.4 §5.2.2 has no more, and some SMSCs store no more
_ALPHABET = string.ascii_letters + string.digits


def generate() -> str:
    """A strong password that every SMSC can store: 8 of `[A-Za-z0-9]`, 47 random bits."""
    while True:
        password = "".join(secrets.choice(_ALPHABET) for _ in range(GENERATED))
        if not password.lower().startswith("none"):  # consoles read `none` as null
            return password


def same(one: str, other: str) -> bool:
    """Whether two passwords are equal, compared in constant time."""
    return hmac.compare_digest(one.encode(errors="surrogatepass"), other.encode())
