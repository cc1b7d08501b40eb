"""Writes of the access: update, reveal, rotate.

Every function takes the row from `selectors.lock`, runs in the caller's transaction and writes the
change and its audit row together. Where the gateway has to follow it also sets `sync: pending` and
pushes on commit.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from messaging import one_time_reveal, optimistic_locking
from messaging.access.models import Access
from messaging.credentials import passwords
from messaging.credentials.models import SyncState
from messaging.gateway import push_on_commit
from messaging.one_time_reveal import Revealed
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.api.client_ip import outside
from orbit.api.errors import ApiError

UPDATED, REVEALED, ROTATED = "access.updated", "access.revealed", "access.rotated"


def update(*, by: Actor, access: Access, fields: dict[str, Any], may_widen: bool = True) -> None:
    """Write the fields that differ from the stored values, and an audit row in any case.

    `may_widen`: whether `allowed_ips` may gain addresses. API keys may not: with a stolen key a
    thief could let in an address of their own. Raises INVALID_STATE, INSUFFICIENT_PERMISSIONS.
    """
    changed = optimistic_locking.changes_of(access, fields)
    own, allowed = access.allowed_ips, changed.get("allowed_ips")
    if allowed is not None and own and not may_widen and (not allowed or outside(allowed, own)):
        raise ApiError(
            "INSUFFICIENT_PERMISSIONS",
            "A key can't take in further addresses: a person who is signed in can.",
            details={"field": "allowed_ips", "required": "a person who is signed in"},
        )
    if changed:
        _write(access, changed)
    _record(by, access, UPDATED, changes=tuple(changed))


def reveal(*, by: Actor, access: Access) -> Revealed:
    """Reveal the password, once. Raises SECRET_ALREADY_REVEALED (audited)."""
    return one_time_reveal.conclude(
        one_time_reveal.take(access, "password", mark="password_revealed_at"),
        by=by,
        organization=access.organization,
        action=REVEALED,
        target=access.organization_id,
    )


def rotate(*, by: Actor, access: Access) -> None:
    """Generate another password, which can be revealed once.

    No carrier has to know it first: the gateway uses it at once and drops the sessions that are
    bound with the old one. Raises INVALID_STATE.
    """
    fields = {
        "password": passwords.generate(),
        "password_set_at": timezone.now(),
        "password_revealed_at": None,
    }
    _write(access, fields)
    _record(by, access, ROTATED, changes=("password",))


def _write(access: Access, fields: dict[str, Any]) -> None:
    pending = {"sync_state": SyncState.PENDING, "sync_error": ""}
    optimistic_locking.compare_and_set(access, fields | pending, among=Access.objects.all())
    push_on_commit(access.organization_id)


def _record(by: Actor, access: Access, action: str, changes: tuple[str, ...]) -> None:
    audit.record(
        by=by,
        organization=access.organization,
        action=action,
        target=access.organization_id,
        changes=changes,
    )
