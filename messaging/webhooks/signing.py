"""Signatures of deliveries, as Orbit's official clients verify them. Pure, but for randomness."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"


def new_secret() -> str:
    """`whsec_` and 256 random bits; the whole text is the key."""
    return PREFIX + secrets.token_urlsafe(32)


def signature(keys: Sequence[str], *, at: int, body: bytes) -> str:
    """Value of X-Devotel-Signature: `t=<unix>,v1=<hex>`, one `v1` a key in the order given.

    Each is HMAC-SHA256 over `<t>.<body>`.
    """
    signed = b"%d." % at + body
    digests = (hmac.new(key.encode(), signed, hashlib.sha256).hexdigest() for key in keys)
    return ",".join([f"t={at}", *(f"v1={digest}" for digest in digests)])
