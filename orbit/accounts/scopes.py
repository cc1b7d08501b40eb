"""The scopes of API keys, and the scopes of each role."""

from __future__ import annotations

from collections.abc import Iterable

from orbit.accounts.members.models import Role

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
    "numbers:read",
    "numbers:write",
    "opt_outs:read",
    "opt_outs:write",
    "campaigns:read",
    "campaigns:write",
    "webhooks:read",
    "webhooks:write",
    "usage:read",
    "api_keys:read",
    "api_keys:write",
    "audit:read",
)

# Of people who are signed in, and of no key: a stolen key must not make itself a member, or send
# notices elsewhere.
PEOPLE_SCOPES: tuple[str, ...] = (
    "members:read",
    "members:write",
    "notices:read",
    "notices:write",
)

_ALL = frozenset(ALL_SCOPES)
_MANAGING = _ALL | frozenset(PEOPLE_SCOPES)
_READING = frozenset(
    {
        "credentials:read",
        "carriers:read",
        "sender_pools:read",
        "messages:read",
        "numbers:read",
        "opt_outs:read",
        "campaigns:read",
        "webhooks:read",
        "usage:read",
    }
)

# A developer's api_keys:* reaches only the keys that they made (accounts/api_keys/services.py).
ROLE_SCOPES: dict[str, frozenset[str]] = {
    Role.OWNER: _MANAGING,
    Role.ADMIN: _MANAGING,
    Role.DEVELOPER: _ALL - {"credentials:reveal", "audit:read"},
    Role.VIEWER: _READING,
    Role.BILLING: _READING,
}
# With these roles api_keys:* reaches every key of the organisation.
ROLES_WITH_ALL_KEYS = frozenset({Role.OWNER, Role.ADMIN})


def effective(key_scopes: Iterable[str], maker_role: str) -> frozenset[str]:
    """The scopes of a key now: its own, without those that its maker no longer has."""
    return frozenset(key_scopes) & ROLE_SCOPES.get(maker_role, frozenset())
