"""Digests by which site and gateway compare a secret without sending it. Standard library only:
both sides import it.

The key is made of the console's password, which both have, and of a salt that the site draws for
each question. So an answer that somebody keeps is no way to try passwords: those of SMPP have
eight characters.
"""

from __future__ import annotations

import hmac

LEAST_SALT = 16  # octets
_OCTETS = 16  # of a digest


def key(console_password: str, salt: bytes) -> bytes:
    return hmac.digest(console_password.encode(), b"state" + salt, "sha256")


def digest(key: bytes, secret: str) -> str:
    """HMAC-SHA256, the first half, in hexadecimal."""
    return hmac.digest(key, secret.encode(), "sha256")[:_OCTETS].hex()
