"""Passwords and memberships: who signs in, and where."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password
from django.db.models import QuerySet
from django.db.models.expressions import Combinable

from orbit.accounts.models import Member, Organization, User


def check(email: str, password: str) -> User | None:
    """Return the active user whose password this is; takes as long when there is no such user."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        make_password(password)
        return None
    right = user.check_password(password)
    return user if right and user.is_active else None


def memberships(user: User) -> list[Member]:
    members = Member.objects.filter(user=user).select_related("organization", "user")
    return list(members.order_by("organization_id"))


def active(user: User | Combinable, organization: Organization | Combinable | None) -> QuerySet:
    """The membership that counts now, if there is one; OuterRef will do for both."""
    return Member.objects.filter(user=user, organization=organization, user__is_active=True)


def membership(user: User, organization: Organization | None) -> Member | None:
    """The active membership of the person, read now; None when there is none."""
    member = active(user, organization).first()
    if member is not None:
        member.user, member.organization = user, organization  # they are in memory already
    return member


def concerned(email: str, organization_id: str | None) -> list[Organization | None]:
    """Whose audit a refused login belongs to: the organisation meant, if the account is a member,
    else all of its organisations; None (the system) for an account that has none.
    """
    members = Member.objects.filter(user__email__iexact=email).select_related("organization")
    organizations = [member.organization for member in members.order_by("organization_id")]
    meant = [row for row in organizations if row.pk == organization_id]
    return meant or organizations or [None]
