"""Refuse callers over their limit before anything else is done for them.

A flood goes on after a refusal, so refusing has to cost next to nothing: no database, no Redis, no
reading of the body, no other middleware. Each process remembers, for callers that it has answered,
their last count and their organisation. Whether its limit is used up is checked at each request, so
all keys of an organisation are refused at once.

Only refusals come from here; every accepted request is authenticated as usual. A key that was
revoked meanwhile may be told of the limit, not of the revocation, for KEPT seconds.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import Any

from orbit.api import cpu_limits
from orbit.api.client_ip import client_address, network_of
from orbit.api.errors import ApiError
from orbit.api.throttling import Window

KEPT = 10.0  # seconds
MOST = 10_000  # callers


@dataclass(frozen=True, slots=True)
class _Caller:
    """`organization_id`: whose processor time its requests take; `until`: monotonic clock."""

    window: Window
    organization_id: str | None
    until: float


_callers: dict[bytes, _Caller] = {}


def note(request: Any, status: int) -> None:
    """Remember the caller's count and organisation after an answer."""
    window = getattr(request, "rate_window", None)
    caller = getattr(request, "caller", None)
    # Unauthenticated callers are remembered only while they are refused: each could present another
    # key.
    if window is None or (caller is None and status != 429):
        return
    if len(_callers) >= MOST:
        _callers.clear()
    organization = caller.organization if caller else None
    owner = organization.pk if organization else None
    _callers[_name(request)] = _Caller(window, owner, time.monotonic() + KEPT)


def refusal(request: Any) -> ApiError | None:
    """The 429 for a caller who is known to be over a limit; sets what the headers say of it."""
    caller = _callers.get(_name(request)) if _callers else None
    if caller is None or time.monotonic() >= caller.until:
        return None
    window = caller.window.as_of_now()
    found = window.refusal() or (
        caller.organization_id and cpu_limits.refusal(request, caller.organization_id)
    )
    if not found:
        return None
    request.rate_window = window
    return found


def forget() -> None:
    """Look all callers up again."""
    _callers.clear()


def _name(request: Any) -> bytes:
    """The caller's name: a digest of its credentials and address. Callers without credentials are
    told apart by address alone. Never a secret itself."""
    shown = [request.META.get(name, "") for name in ("HTTP_X_API_KEY", "HTTP_AUTHORIZATION")]
    shown.append(network_of(client_address(request)))
    return hashlib.sha256("\n".join(shown).encode("utf-8", "surrogatepass")).digest()
