"""Look-ups of names within a request, whose thread waits for the answer."""

from __future__ import annotations

import time

from messaging.net.host_policy import HostPolicy
from messaging.net.resolution import NoAnswer, as_literal, checked_addresses
from orbit.api import waiting

QUICK = 0.2  # seconds: a name server that answers takes less
RESOLVE_SECONDS = 3.0
SLOW_FOR = 10.0  # seconds that an organisation is known for names that are not answered
_MOST = 10_000  # organisations that are kept
_slow_until: dict[str, float] = {}  # monotonic clock


def addresses_for_request(host: str, policy: HostPolicy, *, owner: str) -> list[str]:
    """`checked_addresses` for the organisation `owner`. Slow (up to 3 s).

    What takes longer than a moment needs one of its places, and then all its look-ups do for a
    while: else moments of many requests would keep all threads. Raises RATE_LIMIT_EXCEEDED, too.
    """
    if as_literal(host) or time.monotonic() >= _slow_until.get(owner, 0.0):
        try:
            return checked_addresses(host, policy, timeout=QUICK, owner=owner)
        except NoAnswer:
            if len(_slow_until) >= _MOST:
                _slow_until.clear()
            _slow_until[owner] = time.monotonic() + SLOW_FOR
    with waiting.for_others(owner):
        return checked_addresses(host, policy, timeout=RESOLVE_SECONDS, owner=owner)
