"""Makes an organisation with its owner and first API key."""

from __future__ import annotations

from dataclasses import dataclass, field

from orbit.accounts.actors import Actor
from orbit.accounts.api_keys import services as api_keys
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Member, Organization, Role, User
from orbit.accounts.scopes import ALL_SCOPES, ROLE_SCOPES


@dataclass(frozen=True)
class NewOrganization:
    organization: Organization
    owner: Member
    key: api_keys.NewKey = field(repr=False)


def create(
    *, by: Actor, name: str, email: str, password: str | None, key_name: str = "First key"
) -> NewOrganization:
    """Make an organisation, its owner and a key with every scope; in the caller's transaction.

    An existing person becomes the owner and keeps their password. A new person without a password
    sets one by a password link.
    """
    organization = Organization.objects.create(name=name)
    user = User.objects.find(email)
    if user is None:
        user = User.objects.create_user(email, password)
    owner = Member.objects.create(organization=organization, user=user, role=Role.OWNER)
    audit.record(
        by=by,
        organization=organization,
        action="organization.created",
        target=organization.pk,
        changes=["name"],
    )
    audit.record(
        by=by,
        organization=organization,
        action="member.created",
        target=user.email,
        changes=["role"],
    )
    key = api_keys.create(
        by=by,
        organization=organization,
        name=key_name,
        scopes=ALL_SCOPES,
        own_scopes=ROLE_SCOPES[Role.OWNER],
        made_by_id=user.pk,
    )
    return NewOrganization(organization, owner, key)
