"""Who calls the API, and what they may do in this request."""

from __future__ import annotations

from dataclasses import dataclass, field

from orbit.accounts.actors import Actor
from orbit.accounts.models import Organization
from orbit.accounts.scopes import KEY_MASTERS


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The authenticated side of a request; `request.user` and `request.caller` are this.

    `identity` ("key:key_…", "user:7:org_…") names the caller for rate limits and idempotency.
    `organization` is None for operators who belong to none; only operators' routes take those.
    `user_id` and `role` are of the person behind it: the one signed in, or the maker of the key.
    """

    identity: str
    organization: Organization | None
    actor: Actor
    scopes: frozenset[str] = field(default_factory=frozenset)
    role: str | None = None
    user_id: int | None = None
    is_operator: bool = False

    is_authenticated = True  # what DRF asks of a user

    @property
    def reaches_all_keys(self) -> bool:
        """Whether its api_keys:* reaches keys that others made."""
        return self.role in KEY_MASTERS
