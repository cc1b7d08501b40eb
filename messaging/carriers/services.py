"""Writes of carriers: create, update, delete.

Every function runs in the caller's transaction and writes the change and its audit row together.
Where the change affects routing it also pushes on commit.
"""

from __future__ import annotations

from messaging import optimistic_locking
from messaging.carriers.demotions import QualityMode
from messaging.carriers.dependents import in_use_by
from messaging.carriers.models import Carrier
from messaging.credentials.references import lock_sending_credential
from messaging.gateway import push_on_commit
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.accounts.quotas import services as quotas
from orbit.api.errors import ApiError

CREATED, UPDATED, DELETED = "carrier.created", "carrier.updated", "carrier.deleted"

# These do not affect routing.
_WITHOUT_EFFECT_ON_ROUTING = frozenset({"name", "currency"})


def create(*, by: Actor, organization: Organization, fields: dict) -> Carrier:
    """Add a carrier. `fields`: as validated by CarrierSerializer.

    Raises QUOTA_EXCEEDED, VALIDATION_ERROR on `credential_id`.
    """
    quotas.require(organization, "carriers", Carrier.objects.filter(organization=organization))
    credential = lock_sending_credential(
        organization=organization, credential_id=fields["credential_id"]
    )
    carrier = Carrier(organization=organization, **fields)
    carrier.credential = credential
    carrier.save(force_insert=True)
    _record(by, carrier, CREATED, changes=tuple(fields))
    push_on_commit(organization.id)
    return carrier


def update(*, by: Actor, carrier: Carrier, fields: dict) -> None:
    """Write the fields that differ from the stored values, and an audit row in any case.

    `carrier` comes from `selectors.lock`. Raises VALIDATION_ERROR on `credential_id`,
    INVALID_STATE.
    """
    changed = optimistic_locking.changes_of(carrier, fields)
    credential = carrier.credential
    if "credential_id" in changed:
        credential = lock_sending_credential(
            organization=carrier.organization, credential_id=changed["credential_id"]
        )
    if changed:
        is_forgotten = changed.get("quality_mode") == QualityMode.OFF
        reset = {"demotions": ""} if is_forgotten else {}
        optimistic_locking.compare_and_set(carrier, changed | reset, among=Carrier.objects.all())
        carrier.credential = credential
        if is_forgotten:
            carrier.standings.all().delete()
    _record(by, carrier, UPDATED, changes=tuple(changed))
    if changed.keys() - _WITHOUT_EFFECT_ON_ROUTING:
        push_on_commit(carrier.organization_id)


def delete(*, by: Actor, carrier: Carrier) -> None:
    """Delete a carrier (from `selectors.lock`) with its tests.

    Raises CARRIER_IN_USE, INVALID_STATE.
    """
    _refuse_if_used(carrier)
    gone, _ = Carrier.objects.filter(pk=carrier.pk, version=carrier.version).delete()
    if not gone:
        raise optimistic_locking.changed_meanwhile(carrier)
    _record(by, carrier, DELETED)
    push_on_commit(carrier.organization_id)


def _record(by: Actor, carrier: Carrier, action: str, changes: tuple[str, ...] = ()) -> None:
    audit.record(
        by=by,
        organization=carrier.organization,
        action=action,
        target=carrier.id,
        changes=changes,
    )


def _refuse_if_used(carrier: Carrier) -> None:
    users = in_use_by(carrier)
    if users:
        named = ", ".join(each for ids in users.values() for each in ids)
        raise ApiError(
            "CARRIER_IN_USE",
            f"It cannot be deleted while sender pools or live campaigns name it: {named}. "
            "Detach it from the pools, and finish or cancel the campaigns first.",
            details=users,
        )
