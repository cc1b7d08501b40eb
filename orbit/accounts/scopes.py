"""What may be done: the scopes of API keys, and which of them each role has."""

from __future__ import annotations

from collections.abc import Iterable

from orbit.accounts.organizations.models import Role

ALL_SCOPES: tuple[str, ...] = (
    "credentials:read",
    "credentials:write",
    "credentials:reveal",
    "carriers:read",
    "carriers:write",
    "carriers:test",
    "sender_pools:read",
    "sender_pools:write",
    "messages:read",
    "messages:write",
    "campaigns:read",
    "campaigns:write",
    "webhooks:read",
    "webhooks:write",
    "api_keys:read",
    "api_keys:write",
    "audit:read",
)

_EVERYTHING = frozenset(ALL_SCOPES)
_LOOKING = frozenset(
    {
        "credentials:read",
        "carriers:read",
        "sender_pools:read",
        "messages:read",
        "campaigns:read",
        "webhooks:read",
    }
)

# A developer's api_keys:* reaches only the keys that they made (accounts/api_keys/services.py).
ROLE_SCOPES: dict[str, frozenset[str]] = {
    Role.OWNER: _EVERYTHING,
    Role.ADMIN: _EVERYTHING,
    Role.DEVELOPER: _EVERYTHING - {"credentials:reveal", "audit:read"},
    Role.VIEWER: _LOOKING,
    Role.BILLING: _LOOKING,
}
# Roles whose api_keys:* reaches every key of the organisation.
KEY_MASTERS = frozenset({Role.OWNER, Role.ADMIN})


def effective(key_scopes: Iterable[str], maker_role: str) -> frozenset[str]:
    """What a key may do now: its scopes, less what its maker may no longer do."""
    return frozenset(key_scopes) & ROLE_SCOPES.get(maker_role, frozenset())
