"""Identifiers: those of the API (`cred_…`) and those of Jasmin's objects (`ob…`)."""

from __future__ import annotations

import base64
import functools
import re
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

# The time in an id and the time in its row differ by this at most.
APART = timedelta(minutes=1)
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
GATEWAY_PREFIX = "ob"
_WRITTEN = re.compile(rf"[a-z]{{2,5}}_[0-9a-f]{{32}}|{GATEWAY_PREFIX}[a-z2-7]{{13}}")
_GATEWAY_RANDOM_BYTES = 8  # 13 base32 characters: 15 in all, the most that a Jasmin username takes


def new_id(prefix: str) -> str:
    """Return `prefix_` and 32 lower-case hex digits of a UUIDv7 (RFC 9562): ordered by time."""
    moment = _moments.next()
    version_7 = (moment >> 12) << 16 | 0x7000 | moment & 0xFFF
    return f"{prefix}_{version_7 << 64 | 0b10 << 62 | secrets.randbits(62):032x}"


def id_factory(prefix: str) -> Callable[[], str]:
    """A field default that migrations can name: `functools.partial(new_id, prefix)`."""
    return functools.partial(new_id, prefix)


def first_id(prefix: str, moment: datetime) -> str:
    """A bound that sorts before ids made at or after `moment`, and after all earlier ones."""
    return _first(prefix, moment.timestamp())


def surely_before(prefix: str, moment: datetime) -> str:
    """A bound that sorts before the id of every row with a time at or after `moment` (`APART`)."""
    return _first(prefix, moment.timestamp() - APART.total_seconds())


def surely_after(prefix: str, moment: datetime) -> str:
    """A bound that sorts after the id of every row with a time before `moment` (`APART`)."""
    return _first(prefix, moment.timestamp() + APART.total_seconds())


def new_gateway_key() -> str:
    """Return a name for Jasmin's objects: `ob` + 13 of `[a-z2-7]`, 64 random bits.

    One alphabet fits gid, uid and fid (at most 16 of `[A-Za-z0-9_-]`), username (at most 15)
    and cid (3 to 25). It is random so that a restored database never uses one again.
    """
    token = base64.b32encode(secrets.token_bytes(_GATEWAY_RANDOM_BYTES)).decode()
    return GATEWAY_PREFIX + token.rstrip("=").lower()


def is_id(text: str) -> bool:
    """Whether it is written as an id of the API or a name of a Jasmin object is."""
    return bool(_WRITTEN.fullmatch(text))


class _Moments:
    """Milliseconds since 1970, with 12 bits of their fraction behind them (RFC 9562, 6.2 method 3).

    Each is greater than the one before in this process: 4,096 fit into a millisecond, so that a
    thousand messages a second do not run ahead of the clock. After the clock is set back they run
    ahead of it, by `APART` at most; look-ups of rows by time rely on that.
    """

    _ahead = (int(APART.total_seconds()) * 1000) << 12

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def next(self) -> int:
        now = ((datetime.now(UTC) - _EPOCH) // _MICROSECOND << 12) // 1000
        with self._lock:
            runs_ahead = now <= self._last < now + self._ahead
            self._last = self._last + 1 if runs_ahead else now
            return self._last


_moments = _Moments()


def _first(prefix: str, seconds: float) -> str:
    milliseconds = min(max(int(seconds * 1000), 0), (1 << 48) - 1)
    return f"{prefix}_{milliseconds:012x}"
