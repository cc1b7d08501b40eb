"""The audit: one chain of rows per organisation, and one for the system.

Each row carries an HMAC (`AUDIT_KEY`) over itself and the row before, so that whoever can write to
the database but does not hold the key cannot change, remove or reorder rows unseen.
`manage.py verify_audit` proves the chains.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from orbit.accounts.actors import Actor
from orbit.accounts.audit.models import SYSTEM_CHAIN, AuditEvent, AuditHead
from orbit.accounts.organizations.models import Organization

Outcome = Literal["ok", "refused", "failed"]

_SEALED_FIELDS = (
    "id", "chain", "seq", "organization_id", "actor_type", "actor_id", "actor_name", "address",
    "user_agent", "request_id", "action", "target", "changes", "outcome", "detail",
)  # fmt: skip


class OutsideTransaction(RuntimeError):
    """`record` was called where the row could survive an effect that rolls back."""


def record(
    *,
    by: Actor,
    organization: Organization | None,
    action: str,
    target: str = "",
    changes: Sequence[str] = (),
    outcome: Outcome = "ok",
    detail: str = "",
) -> AuditEvent:
    """Write the next row of the organisation's chain (None: the system's), in the caller's
    transaction; the chain's head stays locked until that ends.

    `changes` are names of fields, never their values. Raises `OutsideTransaction`.
    """
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction(f"{action}: audit rows are written with the effect, or not at all")
    head = _lock_head(organization.pk if organization else SYSTEM_CHAIN)
    event = AuditEvent(
        chain=head.chain,
        seq=head.seq + 1,
        organization_id=organization.pk if organization else None,
        at=timezone.now(),
        actor_type=by.type,
        actor_id=_fit(by.id, "actor_id"),
        actor_name=_fit(by.name, "actor_name"),
        address=_fit(by.address, "address"),
        user_agent=_fit(by.user_agent, "user_agent"),
        request_id=_fit(by.request_id, "request_id"),
        action=action,
        target=_fit(target, "target"),
        changes=list(changes),
        outcome=outcome,
        detail=_fit(detail, "detail"),
    )
    event.mac = seal(event, head.mac)
    event.save(force_insert=True)
    head.seq, head.mac = event.seq, event.mac
    head.save(update_fields=["seq", "mac"])
    return event


def seal(event: AuditEvent, previous: str) -> str:
    """Return the MAC that the row must carry after a row whose MAC is `previous` ("": the first).

    HMAC-SHA256 over canonical JSON: sorted keys, no spaces, UTC with microseconds.
    """
    content = {name: getattr(event, name) for name in _SEALED_FIELDS}
    content["at"] = _canonical_time(event.at)
    content["previous"] = previous
    message = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(settings.AUDIT_KEY.encode(), message.encode(), hashlib.sha256).hexdigest()


def _lock_head(chain: str) -> AuditHead:
    heads = AuditHead.objects.select_for_update()
    head = heads.filter(pk=chain).first()
    if head is None:
        # Two first rows at once: the loser waits for the winner's row and then reads it.
        AuditHead.objects.bulk_create([AuditHead(chain=chain)], ignore_conflicts=True)
        head = heads.get(pk=chain)
    return head


def _fit(text: str, field: str) -> str:
    """Cut to the column, and drop what PostgreSQL cannot hold: a User-Agent is anybody's text."""
    limit = AuditEvent._meta.get_field(field).max_length
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:limit]


def _canonical_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
