"""The host policy applied to the `host` of a request."""

from __future__ import annotations

from messaging.credentials.loops import OwnServers
from messaging.net.host_policy import host_policy
from messaging.net.request_lookups import RESOLVE_SECONDS, addresses_for_request
from messaging.net.resolution import HostRefused, ResolveError, resolve_many
from orbit.api.errors import ApiError


def check_host(host: str, port: int, *, owner: str) -> None:
    """Raise VALIDATION_ERROR on `host` if the policy refuses one of its addresses, or if it leads
    to a gateway of ours.

    A name that does not resolve in time passes: it may resolve later. The policy is checked again
    in each pass of the reconciler and before every connection. `owner`: the organisation
    that asks. Slow (up to 3 s). Raises RATE_LIMIT_EXCEEDED where others of its look-ups wait.
    """
    own = OwnServers.now()
    try:
        addresses = addresses_for_request(host, host_policy(), owner=owner)
    except ResolveError:
        addresses = []
    except HostRefused as error:
        raise ApiError(
            "VALIDATION_ERROR",
            f"host: {error}. Give the carrier's public name or address.",
            field="host",
            details={"expected": "a host with public unicast addresses only", "value": host},
        ) from None
    answers = resolve_many(own.hosts, timeout=RESOLVE_SECONDS) if addresses else {}
    if reason := own.refusal(host, port, addresses, answers):
        raise ApiError(
            "VALIDATION_ERROR",
            f"host: {host} {reason}. Give the carrier's own.",
            field="host",
            details={"expected": "a carrier's host", "value": host},
        )
