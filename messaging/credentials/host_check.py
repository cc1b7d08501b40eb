"""The host policy, asked when somebody types a host."""

from __future__ import annotations

from messaging.net.host_policy import host_policy
from messaging.net.resolution import HostRefused, ResolveError, checked_addresses
from orbit.api.errors import ApiError

RESOLVE_SECONDS = 3.0


def check_host(host: str) -> None:
    """Raise VALIDATION_ERROR on `host` if one of its addresses is not allowed.

    A name that does not resolve, or not in time, passes: it may next minute, each pass of the
    reconciler asks again, and nobody connects without asking. Slow (up to 3 s).
    """
    try:
        checked_addresses(host, host_policy(), timeout=RESOLVE_SECONDS)
    except ResolveError:
        return
    except HostRefused as error:
        raise ApiError(
            "VALIDATION_ERROR",
            f"host: {error}. Give the carrier's public name or address.",
            field="host",
            details={"expected": "a host with public unicast addresses only", "value": host},
        ) from None
