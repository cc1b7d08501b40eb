"""Which memberships a person has, and which of them counts now."""

from __future__ import annotations

from django.db.models import QuerySet
from django.db.models.expressions import Combinable

from orbit.accounts.models import Member, Organization, User


def memberships(user: User) -> list[Member]:
    """All memberships of the person, the oldest organisation first."""
    members = Member.objects.filter(user=user).select_related("organization", "user")
    return list(members.order_by("organization_id"))


def active_members(
    user: User | Combinable, organization: Organization | Combinable | None
) -> QuerySet:
    """The membership, if the person is active: one row or none. Both may be an OuterRef."""
    return Member.objects.filter(user=user, organization=organization, user__is_active=True)


def membership(user: User, organization: Organization | None) -> Member | None:
    """The active membership of the person, read now; None when there is none."""
    member = active_members(user, organization).first()
    if member is not None:
        member.user, member.organization = user, organization  # they are in memory already
    return member


def audited_organizations(email: str, organization_id: str | None) -> list[Organization | None]:
    """The organisations whose audit records a login of this account.

    That is the organisation with the id, if the account is a member of it, else all of its
    organisations; `[None]` (the system's audit) for an account that has none. One that has only
    invited it learns nothing of its logins.
    """
    rows = Member.objects.filter(user=User.objects.find(email)).exclude(accepted_at=None)
    members = rows.select_related("organization")
    organizations = [member.organization for member in members.order_by("organization_id")]
    meant = [row for row in organizations if row.pk == organization_id]
    return meant or organizations or [None]
