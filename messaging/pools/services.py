"""Writes of pools: create, update, delete.

Every function runs in the caller's transaction and writes the change and its audit row together.
The gateway knows no pools, so nothing is pushed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from messaging import optimistic_locking
from messaging.carriers.references import lock_own
from messaging.pools import selectors
from messaging.pools.dependents import in_use_by
from messaging.pools.members import is_changed, replace_members
from messaging.pools.models import PoolCarrier, PoolMember, SenderPool
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.accounts.quotas import services as quotas
from orbit.api.errors import ApiError

CREATED, UPDATED, DELETED = "sender_pool.created", "sender_pool.updated", "sender_pool.deleted"
_PARTS = frozenset({"carrier_ids", "members"})  # in tables of their own


def create(*, by: Actor, organization: Organization, fields: dict) -> SenderPool:
    """Add a pool. `fields`: as validated by PoolSerializer.

    Raises QUOTA_EXCEEDED, VALIDATION_ERROR on a carrier.
    """
    own = SenderPool.objects.filter(organization=organization)
    quotas.require(organization, "sender_pools", own)
    pool = SenderPool(organization=organization, **_own(fields))
    pool.save(force_insert=True)
    _write_parts(pool, fields)
    selectors.read_parts(pool)
    _record(by, pool, CREATED, changes=tuple(fields))
    return pool


def update(*, by: Actor, pool: SenderPool, fields: dict) -> None:
    """Write the fields that differ from the stored values, and an audit row in any case.

    `pool` comes from `selectors.lock`. A sender that stays keeps its member's row. Raises
    VALIDATION_ERROR on a carrier, INVALID_STATE, QUOTA_EXCEEDED.
    """
    own = optimistic_locking.changes_of(pool, _own(fields))
    parts = {name: fields[name] for name in _changed_parts(pool, fields)}
    if own or parts:
        optimistic_locking.compare_and_set(pool, own, among=SenderPool.objects.all())
        _write_parts(pool, parts)
        selectors.read_parts(pool)
    changes = tuple(name for name in fields if name in own or name in parts)
    _record(by, pool, UPDATED, changes=changes)


def delete(*, by: Actor, pool: SenderPool) -> None:
    """Delete a pool (from `selectors.lock`) with its members and sticky mappings.

    Raises SENDER_POOL_IN_USE, INVALID_STATE.
    """
    _refuse_if_used(pool)
    gone, _ = SenderPool.objects.filter(pk=pool.pk, version=pool.version).delete()
    if not gone:
        raise optimistic_locking.changed_meanwhile(pool)
    _record(by, pool, DELETED)


def _own(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in _PARTS}


def _changed_parts(pool: SenderPool, fields: Mapping[str, Any]) -> list[str]:
    changed = []
    if "carrier_ids" in fields and set(fields["carrier_ids"]) != set(selectors.carrier_ids(pool)):
        changed.append("carrier_ids")
    if "members" in fields and is_changed(pool, fields["members"]):
        changed.append("members")
    return changed


def _write_parts(pool: SenderPool, parts: Mapping[str, Any]) -> None:
    if "carrier_ids" in parts:
        _attach(pool, parts["carrier_ids"])
    if "members" in parts:
        others = PoolMember.objects.filter(pool__organization=pool.organization).exclude(pool=pool)
        adding = len(parts["members"])
        quotas.require(pool.organization, "pool_members", others, adding=adding)
        replace_members(pool, parts["members"])


def _attach(pool: SenderPool, carrier_ids: Sequence[str]) -> None:
    carriers = lock_own(organization=pool.organization, carrier_ids=carrier_ids)
    PoolCarrier.objects.filter(pool=pool).exclude(carrier__in=carriers).delete()
    PoolCarrier.objects.bulk_create(
        [PoolCarrier(pool=pool, carrier=carrier) for carrier in carriers], ignore_conflicts=True
    )


def _record(by: Actor, pool: SenderPool, action: str, changes: tuple[str, ...] = ()) -> None:
    audit.record(
        by=by, organization=pool.organization, action=action, target=pool.id, changes=changes
    )


def _refuse_if_used(pool: SenderPool) -> None:
    campaigns = in_use_by(pool)
    if campaigns:
        raise ApiError(
            "SENDER_POOL_IN_USE",
            f"It cannot be deleted while campaigns send from it: {', '.join(campaigns)}. "
            "Finish or cancel them first.",
            details={"campaign_ids": campaigns},
        )
