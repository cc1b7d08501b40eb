"""Invites members, changes their roles and removes them. In the caller's transaction.

Owners alone touch owners, or make one; the last owner stays.
"""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Member, Organization, Role, User
from orbit.accounts.quotas import services as quotas
from orbit.accounts.users import invitations
from orbit.api import throttling
from orbit.api.errors import ApiError
from orbit.api.throttling import Rate

CREATED, ACCEPTED = "member.created", "member.accepted"
CHANGED, REMOVED = "member.changed", "member.removed"
USER_CREATED = "user.created"


def invite(
    *, by: Actor, organization: Organization, email: str, role: str, own_role: str | None
) -> Member:
    """Make the person a member, and mail them after the commit. They agree by signing in.

    A new person gets a link to set a password. The answer does not tell whether the address had an
    account. `own_role`: the inviting person's role, None for an operator. Raises
    INSUFFICIENT_PERMISSIONS, RATE_LIMIT_EXCEEDED, INVALID_STATE, QUOTA_EXCEEDED.
    """
    _check_owner(own_role, role)
    rate = Rate.parse(settings.INVITATION_RATE_LIMIT)
    throttling.take("invitation", organization.pk, rate).check()
    user = User.objects.find(email)
    if user is None:
        user = User.objects.create_user(email, None)
        audit.record(
            by=by, organization=None, action=USER_CREATED, target=user.email, changes=["email"]
        )
    quotas.require(organization, "members", Member.objects.filter(organization=organization))
    member, is_new = Member.objects.get_or_create(
        organization=organization, user=user, defaults={"role": role, "accepted_at": None}
    )
    if not is_new:
        raise ApiError("INVALID_STATE", f"{user.email} is a member already.", field="email")
    audit.record(
        by=by,
        organization=organization,
        action=CREATED,
        target=user.email,
        changes=["role"],
        detail=role,
    )
    transaction.on_commit(partial(invitations.mail, user, organization))
    return member


def accept(*, by: Actor, member: Member) -> None:
    """Record that the person has signed in to the organisation, and so agreed to be a member."""
    if member.accepted_at is None:
        member.accepted_at = timezone.now()
        member.save(update_fields=["accepted_at"])
        audit.record(by=by, organization=member.organization, action=ACCEPTED, target=by.name)


def lock(organization: Organization, **which: int) -> Member | None:
    """The member with this `pk` or `user_id`, locked with all owners, in one order.

    Two owners who remove each other at once would leave none, or wait for each other.
    """
    rows = Member.objects.select_related("user", "organization").order_by("pk")
    rows = rows.filter(Q(**which) | Q(role=Role.OWNER), organization=organization)
    found = rows.select_for_update(of=("self",))
    return next((row for row in found if all(getattr(row, n) == v for n, v in which.items())), None)


def change_role(*, by: Actor, member: Member, role: str, own_role: str | None) -> None:
    """`member` comes from `lock`. Raises INSUFFICIENT_PERMISSIONS, INVALID_STATE."""
    _check_owner(own_role, role, member.role)
    if member.role == role:
        return
    _check_owner_stays(member)
    old, member.role = member.role, role
    member.save(update_fields=["role"])
    audit.record(
        by=by,
        organization=member.organization,
        action=CHANGED,
        target=member.user.email,
        changes=["role"],
        detail=f"{old} → {role}",
    )


def remove(*, by: Actor, member: Member, own_role: str | None) -> None:
    """Take the person out: their keys and sessions here end with the membership.

    `member` comes from `lock`. Raises INSUFFICIENT_PERMISSIONS, INVALID_STATE.
    """
    _check_owner(own_role, member.role)
    _check_owner_stays(member)
    member.delete()
    audit.record(
        by=by,
        organization=member.organization,
        action=REMOVED,
        target=member.user.email,
        detail=member.role,
    )


def _check_owner(own_role: str | None, *roles: str) -> None:
    if Role.OWNER in roles and own_role not in (None, Role.OWNER):
        raise ApiError("INSUFFICIENT_PERMISSIONS", "Only owners make, change and remove owners.")


def _check_owner_stays(member: Member) -> None:
    if member.role != Role.OWNER:
        return
    owners = Member.objects.filter(organization=member.organization_id, role=Role.OWNER)
    if owners.count() < 2:
        raise ApiError("INVALID_STATE", "An organisation has at least one owner.")
