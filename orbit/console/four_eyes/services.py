"""Four eyes (the setting `FOUR_EYES`): one administrator asks, another agrees, the first acts.

An agreement works once, for the person who asked, for `FOUR_EYES_MINUTES`.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization, User
from orbit.api.errors import ApiError
from orbit.console.four_eyes.models import Approval

ASKED, AGREED = "approval.asked", "approval.agreed"


def require_second(
    *,
    by: Actor,
    user: User,
    organization: Organization | None,
    action: str,
    target: str,
    detail: str = "",
) -> None:
    """Use up an agreement; without one, ask for it and raise INVALID_STATE.

    Runs in the transaction of the effect: either both happen, or neither.
    """
    if not settings.FOUR_EYES:
        return
    now = timezone.now()
    about = {"action": action, "target": target, "detail": detail, "asked_by": user}
    mine = Approval.objects.select_for_update().filter(used_at=None, **about)
    mine.filter(asked_at__lte=now - lifetime()).delete()
    # Two clicks at once are one request.
    approval, is_new = mine.get_or_create(used_at=None, **about, defaults={"asked_at": now})
    if approval.agreed_by_id:
        approval.used_at = now
        approval.save(update_fields=["used_at"])
        return
    if is_new:
        audit.record(
            by=by,
            organization=organization,
            action=ASKED,
            target=target,
            detail=f"{action} {detail}".strip(),
        )
    raise ApiError(
        "INVALID_STATE",
        "Four eyes: another administrator has to agree (page Approvals); then do it again.",
        commits=True,
    )


def waiting() -> QuerySet[Approval]:
    """Requests that nobody has agreed to yet."""
    rows = Approval.objects.filter(
        used_at=None, agreed_by=None, asked_at__gt=timezone.now() - lifetime()
    )
    return rows.select_related("asked_by")


def agree(*, by: Actor, user: User, approval_id: int) -> Approval:
    """Raises NOT_FOUND, INSUFFICIENT_PERMISSIONS (one's own). In the caller's transaction."""
    approval = waiting().select_for_update(of=("self",)).filter(pk=approval_id).first()
    if approval is None:
        raise ApiError("NOT_FOUND", "Nobody waits for this any more.")
    if approval.asked_by_id == user.pk:
        raise ApiError("INSUFFICIENT_PERMISSIONS", "Somebody else has to agree.")
    approval.agreed_by = user
    approval.save(update_fields=["agreed_by"])
    audit.record(
        by=by,
        organization=None,
        action=AGREED,
        target=approval.target,
        detail=f"{approval.action} {approval.detail} for {approval.asked_by.email}",
    )
    return approval


def lifetime() -> timedelta:
    return timedelta(minutes=settings.FOUR_EYES_MINUTES)
