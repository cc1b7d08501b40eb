"""The audit: one chain of rows per organisation, and one for the system.

Each row has an HMAC (`AUDIT_KEY`) over itself and the row before. Without the key, rows cannot be
changed, removed or reordered unnoticed, even with full access to the database.
`manage.py verify_audit` verifies the chains (`chain`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from django.db import transaction
from django.utils import timezone

from orbit.accounts.actors import Actor
from orbit.accounts.audit.chain import seal
from orbit.accounts.audit.models import SYSTEM_CHAIN, AuditEvent, AuditHead
from orbit.accounts.organizations.models import Organization

Outcome = Literal["ok", "refused", "failed"]


class OutsideTransaction(RuntimeError):
    """`record` was called outside a transaction: the row could outlive an effect rolled back."""


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
    _require_transaction(action)
    head = _lock_head(organization.pk if organization else SYSTEM_CHAIN)
    event = _next(
        head,
        by=by,
        organization_id=organization.pk if organization else None,
        action=action,
        target=target,
        changes=changes,
        outcome=outcome,
        detail=detail,
    )
    event.save(force_insert=True)
    head.save(update_fields=["seq", "mac"])
    return event


def record_each(*, by: Actor, action: str, details: Mapping[str, str]) -> None:
    """Write the next row of the chain of each of these organisations (by id, which is its target),
    with its detail: a few statements for all. Raises `OutsideTransaction`."""
    _require_transaction(action)
    heads = _lock_heads(details)
    events = [
        _next(heads[pk], by=by, organization_id=pk, action=action, target=pk, detail=detail)
        for pk, detail in details.items()
    ]
    AuditEvent.objects.bulk_create(events)
    AuditHead.objects.bulk_update(heads.values(), ["seq", "mac"])


def _require_transaction(action: str) -> None:
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction(f"{action}: audit rows are written with the effect, or not at all")


def _next(
    head: AuditHead,
    *,
    by: Actor,
    organization_id: str | None,
    action: str,
    target: str,
    changes: Sequence[str] = (),
    outcome: Outcome = "ok",
    detail: str = "",
) -> AuditEvent:
    """The next row of a locked chain, not saved; moves the head."""
    event = AuditEvent(
        chain=head.chain,
        seq=head.seq + 1,
        organization_id=organization_id,
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
    head.seq, head.mac = event.seq, event.mac
    return event


def _lock_heads(chains: Iterable[str]) -> dict[str, AuditHead]:
    """In the order of their names: two callers that lock several can't deadlock."""
    wanted = set(chains)
    heads = AuditHead.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    found = {each.pk: each for each in heads}
    if missing := sorted(wanted - found.keys()):
        AuditHead.objects.bulk_create(
            [AuditHead(chain=each) for each in missing], ignore_conflicts=True
        )
        found |= {each.pk: each for each in heads.filter(pk__in=missing)}
    return found


def _lock_head(chain: str) -> AuditHead:
    heads = AuditHead.objects.select_for_update()
    head = heads.filter(pk=chain).first()
    if head is None:
        # Of two concurrent first rows, the second waits for the first and then reads its head.
        AuditHead.objects.bulk_create([AuditHead(chain=chain)], ignore_conflicts=True)
        head = heads.get(pk=chain)
    return head


def _fit(text: str, field: str) -> str:
    """Cut to the column, without NUL and half surrogates: clients choose the text."""
    limit = AuditEvent._meta.get_field(field).max_length
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:limit]
