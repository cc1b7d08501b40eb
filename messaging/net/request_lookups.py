"""Look-ups of names within a request, whose thread waits for the answer."""

from __future__ import annotations

from messaging.net.host_policy import HostPolicy
from messaging.net.resolution import NoAnswer, checked_addresses
from orbit.api import waiting

QUICK = 0.2  # seconds: a name server that answers takes less
RESOLVE_SECONDS = 3.0


def addresses_for_request(host: str, policy: HostPolicy, *, owner: str) -> list[str]:
    """`checked_addresses`; what takes longer than a moment needs one of the places that `owner`,
    the organisation that asks, has. Slow (up to 3 s). Raises RATE_LIMIT_EXCEEDED, too."""
    try:
        return checked_addresses(host, policy, timeout=QUICK, owner=owner)
    except NoAnswer:
        with waiting.for_others(owner):
            return checked_addresses(host, policy, timeout=RESOLVE_SECONDS, owner=owner)
