"""Writes of the access: update, reveal, rotate.

Every function takes the row from `selectors.lock`, runs in the caller's transaction and leaves in
it, together: the change, its audit row, and where the gateway has to follow `sync: pending` and a
push to be sent on commit.
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

UPDATED, REVEALED, ROTATED = "access.updated", "access.revealed", "access.rotated"


def update(*, by: Actor, access: Access, fields: dict[str, Any]) -> None:
    """Change what differs from the stored values; if nothing does, it is an audit row only.

    Raises INVALID_STATE.
    """
    changed = optimistic_locking.changes_of(access, fields)
    if changed:
        _write(access, changed)
    _record(by, access, UPDATED, changes=tuple(changed))


def reveal(*, by: Actor, access: Access) -> Revealed:
    """Give out the password, once. Raises SECRET_ALREADY_REVEALED (audited)."""
    return one_time_reveal.conclude(
        one_time_reveal.take(access, "password", mark="password_revealed_at"),
        by=by,
        organization=access.organization,
        action=REVEALED,
        target=access.organization_id,
    )


def rotate(*, by: Actor, access: Access) -> None:
    """Generate another password, which can be revealed once.

    It is ours, so nobody else has to know it first: the gateway takes it at once, and drops the
    sessions that were bound with the old one. Raises INVALID_STATE.
    """
    news = {
        "password": passwords.generate(),
        "password_set_at": timezone.now(),
        "password_revealed_at": None,
    }
    _write(access, news)
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
