"""Identifiers: what people see (`cred_…`) and what Jasmin sees (`ob…`)."""

from __future__ import annotations

import base64
import functools
import secrets
from collections.abc import Callable
from datetime import datetime

from uuid6 import uuid7

GATEWAY_PREFIX = "ob"
_GATEWAY_RANDOM_BYTES = 8  # 13 base32 characters: 15 in all, the most that a Jasmin username takes


def new_id(prefix: str) -> str:
    """Return `prefix_` and 32 lower-case hex digits of a UUIDv7 (RFC 9562): ordered by time."""
    return f"{prefix}_{uuid7().hex}"


def id_factory(prefix: str) -> Callable[[], str]:
    """A field default that migrations can name: `functools.partial(new_id, prefix)`."""
    return functools.partial(new_id, prefix)


def first_id(prefix: str, moment: datetime) -> str:
    """What sorts before every id that is made from `moment` on, and after all that were before."""
    return f"{prefix}_{int(moment.timestamp() * 1000):012x}"


def new_gateway_key() -> str:
    """Return a name for Jasmin's objects: `ob` + 13 of `[a-z2-7]`, 64 random bits.

    One alphabet fits gid, uid and fid (at most 16 of `[A-Za-z0-9_-]`), username (at most 15)
    and cid (3 to 25). It is random so that it is never used again, also after a restore.
    """
    token = base64.b32encode(secrets.token_bytes(_GATEWAY_RANDOM_BYTES)).decode()
    return GATEWAY_PREFIX + token.rstrip("=").lower()
