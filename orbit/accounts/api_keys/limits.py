"""Limits that a key passes on: a key that it creates or renews expires no later and works from no
other addresses.

Otherwise a stolen key with `api_keys:write` could create one that never expires and works from
anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from orbit.accounts.models import ApiKey
from orbit.api.client_ip import outside


class LimitsExceeded(Exception):
    """The other key would expire later, or work from more addresses, than the one that creates
    it."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


def inherited(
    parent: ApiKey | None, expires_at: datetime | None, allowed_ips: Sequence[str]
) -> tuple[datetime | None, list[str]]:
    """The limits of a key that `parent` creates: those asked for, within the parent's. A later
    expiry is cut to the parent's; addresses that the parent may not use are refused."""
    if parent is None:
        return expires_at, list(allowed_ips)
    ends = [moment for moment in (expires_at, parent.expires_at) if moment is not None]
    allowed = list(allowed_ips) or list(parent.allowed_ips)
    _check_addresses(parent, allowed)
    return min(ends, default=None), allowed


def check_within(parent: ApiKey | None, key: ApiKey) -> None:
    """Raise LimitsExceeded if `parent` would give a new secret to a key with wider limits than its
    own."""
    if parent is None or parent.pk == key.pk:
        return
    if parent.expires_at and (key.expires_at is None or key.expires_at > parent.expires_at):
        raise LimitsExceeded("expires_at", "The key is good for longer than yours.")
    _check_addresses(parent, key.allowed_ips)


def _check_addresses(parent: ApiKey, allowed: Sequence[str]) -> None:
    if not parent.allowed_ips:
        return
    wider = outside(allowed, parent.allowed_ips)
    if wider or not allowed:
        named = ", ".join(wider) or "any address"
        raise LimitsExceeded("allowed_ips", f"Your key itself may not be used from {named}.")
