"""Who calls the API, and what they may do in this request."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import transaction

from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.accounts.scopes import ROLES_WITH_ALL_KEYS


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The authenticated side of a request; `request.user` and `request.caller` are this.

    `identity` ("key:key_…", "user:7:org_…") names the caller for rate limits and idempotency.
    `organization` is None for operators who belong to none; only operators' routes take those.
    `user_id` and `role` are of the person who signed in, or of the maker of the key.
    """

    identity: str
    organization: Organization | None
    actor: Actor
    scopes: frozenset[str] = field(default_factory=frozenset)
    role: str | None = None
    user_id: int | None = None
    is_operator: bool = False

    is_authenticated = True  # DRF asks a user for this

    @property
    def reaches_all_keys(self) -> bool:
        """Whether its api_keys:* reaches keys that others made."""
        return self.role in ROLES_WITH_ALL_KEYS

    def audit_refusal(self, action: str, *, target: str, detail: str) -> None:
        """Write into the organisation's audit that the caller was not allowed to do this."""
        with transaction.atomic():
            audit.record(
                by=self.actor,
                organization=self.organization,
                action=action,
                target=target,
                outcome="refused",
                detail=detail,
            )
