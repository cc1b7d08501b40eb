"""The host policy applied to the `host` of a request."""

from __future__ import annotations

from messaging.net.host_policy import host_policy
from messaging.net.resolution import HostRefused, ResolveError, checked_addresses
from orbit.api.errors import ApiError

RESOLVE_SECONDS = 3.0


def check_host(host: str, *, owner: str) -> None:
    """Raise VALIDATION_ERROR on `host` if the policy refuses one of its addresses.

    A name that does not resolve in time passes: it may resolve later. The policy is checked again
    in each pass of the reconciler and before every connection. `owner`: the organisation
    that asks. Slow (up to 3 s).
    """
    try:
        checked_addresses(host, host_policy(), timeout=RESOLVE_SECONDS, owner=owner)
    except ResolveError:
        return
    except HostRefused as error:
        raise ApiError(
            "VALIDATION_ERROR",
            f"host: {error}. Give the carrier's public name or address.",
            field="host",
            details={"expected": "a host with public unicast addresses only", "value": host},
        ) from None
