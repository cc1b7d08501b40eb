"""The host policy applied to `host` and `backups` of a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from messaging.credentials.loops import OwnServers
from messaging.credentials.models import DEFAULT_PORT, Credential
from messaging.net.host_policy import host_policy
from messaging.net.request_lookups import RESOLVE_SECONDS, answers_for_request
from messaging.net.resolution import HostRefused, resolve_many
from orbit.api.errors import ApiError

Place = tuple[str, int]  # host and port


def new_places(fields: Mapping[str, Any], stored: Credential | None = None) -> dict[str, Place]:
    """Where the validated `fields` would have the credential bound, and it may not be yet: by the
    name of the field."""
    host, port = (stored.host, stored.port) if stored else ("", DEFAULT_PORT)
    found = {"host": (fields.get("host", host), fields.get("port", port))}
    for number, each in enumerate(fields.get("backups", [])):
        found[f"backups[{number}].host"] = each["host"], each["port"]
    known = stored.hosts if stored else []
    return {field: place for field, place in found.items() if place not in known}


def check_hosts(places: Mapping[str, Place], *, owner: str) -> None:
    """Raise VALIDATION_ERROR on the field of a host if the policy refuses one of its addresses, or
    if it leads to a gateway of ours.

    A name that does not resolve in time passes: it may resolve later. The policy is checked again
    in each pass of the reconciler and before every connection. `owner`: the organisation
    that asks. Slow (up to 3 s). Raises RATE_LIMIT_EXCEEDED where others of its look-ups wait.
    """
    own = OwnServers.now()
    hosts = dict.fromkeys(host for host, _ in places.values())
    found = answers_for_request(hosts, host_policy(), owner=owner)
    known = any(isinstance(answer, list) for answer in found.values())
    ours = resolve_many(own.hosts, timeout=RESOLVE_SECONDS) if known else {}
    for field, (host, port) in places.items():
        answer = found[host]
        if isinstance(answer, HostRefused):
            why = f"{answer}. Give the carrier's public name or address."
            raise _refused(field, host, why, "a host with public unicast addresses only")
        addresses = answer if isinstance(answer, list) else []
        if loop := own.refusal(host, port, addresses, ours):
            why = f"{host} {loop}. Give the carrier's own."
            raise _refused(field, host, why, "a carrier's host")


def _refused(field: str, host: str, why: str, expected: str) -> ApiError:
    return ApiError(
        "VALIDATION_ERROR",
        f"{field}: {why}",
        field=field,
        details={"expected": expected, "value": host},
    )
