"""From which addresses an organisation's API keys may be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.api.client_ip import outside, parse_address, parse_networks, within
from orbit.api.errors import ApiError

UPDATED = "organization.updated"


def is_allowed(address: str, allowed: Sequence[str]) -> bool:
    """Whether `allowed` (addresses or CIDR) contains the address; an empty list allows all."""
    if not allowed:
        return True
    client = parse_address(address)
    return client is not None and within(client, parse_networks(tuple(allowed)))


def update(
    *, by: Actor, organization: Organization, fields: dict[str, Any], kept: str | None
) -> None:
    """Write `allowed_ips` of a locked organisation, and an audit row in any case.

    `kept`: the address of the key that asks, which has to stay allowed; None for a person. A key
    can't add addresses: a stolen one could let in its thief's. Raises VALIDATION_ERROR,
    INSUFFICIENT_PERMISSIONS.
    """
    own = organization.allowed_ips
    allowed = fields.get("allowed_ips", own)
    if kept is not None and own and (not allowed or outside(allowed, own)):
        raise ApiError(
            "INSUFFICIENT_PERMISSIONS",
            "A key can't take in further addresses: a person who is signed in can.",
            details={"field": "allowed_ips", "required": "a person who is signed in"},
        )
    if kept is not None and not is_allowed(kept, allowed):
        raise ApiError(
            "VALIDATION_ERROR",
            f"The key that asks would lock itself out: {kept or 'its address'} is not among them.",
            field="allowed_ips",
            details={"expected": "addresses or CIDR that take in your own address"},
        )
    changed = allowed != organization.allowed_ips
    if changed:
        organization.allowed_ips = allowed
        organization.save(update_fields=["allowed_ips"])
    audit.record(
        by=by,
        organization=organization,
        action=UPDATED,
        target=organization.pk,
        changes=["allowed_ips"] if changed else [],
    )
