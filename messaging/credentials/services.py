"""Writes of credentials: create, update, delete. Reveal and rotate have files of their own.

Every function runs in the caller's transaction and leaves in it, together: the change, its audit
row, `sync: pending` where the gateway has to follow, and a push to be sent on commit.
"""

from __future__ import annotations

from django.utils import timezone

from messaging import optimistic_locking
from messaging.credentials import permissions, tls_settings
from messaging.credentials.dependents import in_use_by
from messaging.credentials.models import BindType, Credential, default_addressing
from messaging.credentials.permissions import Claim
from messaging.credentials.sync import compare_and_set, duplicates_refused, tell_gateway
from messaging.credentials.validators import MAX_NAME
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError

CREATED, UPDATED, DELETED = "credential.created", "credential.updated", "credential.deleted"

# Changing these touches the gateway not at all.
_OURS_ALONE = frozenset({"name", "max_binds"})


def create(*, by: Actor, organization: Organization, fields: dict) -> Credential:
    """Add a credential. `fields`: as validated by CredentialCreateSerializer.

    Raises DUPLICATE_CREDENTIAL; VALIDATION_ERROR and MISSING_REQUIRED_FIELD where TLS settings do
    not fit together.
    """
    tls_settings.check(fields)
    values = {"name": f"{fields['system_id']}@{fields['host']}"[:MAX_NAME], **fields}
    values["addressing"] = default_addressing() | fields.get("addressing", {})
    credential = Credential(organization=organization, password_set_at=timezone.now(), **values)
    with duplicates_refused(credential):
        credential.save(force_insert=True)
    _record(by, credential, CREATED, changes=tuple(fields))
    tell_gateway(credential, enabled_changed=not credential.enabled)
    return credential


def update(
    *,
    by: Actor,
    credential: Credential,
    fields: dict,
    claim: Claim,
    checked_host: str | None = None,
) -> None:
    """Change what differs from the stored values; if nothing does, it is an audit row only.

    `credential` comes from `selectors.lock`. `claim`: the right to send the stored password
    elsewhere (`clearance`). `checked_host`: the host that the policy was asked about; no other
    one is written. Raises INSUFFICIENT_PERMISSIONS, RATE_LIMIT_EXCEEDED, INVALID_STATE,
    CREDENTIAL_IN_USE, DUPLICATE_CREDENTIAL, and what `create` raises.
    """
    fields = tls_settings.completed(fields)
    tls_settings.check(fields, credential)
    changed = changes_of(credential, fields)
    permissions.check(by=by, credential=credential, action=UPDATED, changed=changed, claim=claim)
    if "host" in changed and changed["host"] != checked_host:
        raise optimistic_locking.changed_meanwhile(credential)
    if changed.get("bind_type") == BindType.RECEIVER:
        _refuse_if_used(credential, "A receiver cannot send")
    if changed:
        with duplicates_refused(credential, changed):
            compare_and_set(credential, **changed)
    _record(by, credential, UPDATED, changes=tuple(changed))
    if changed.keys() - _OURS_ALONE:
        tell_gateway(credential, enabled_changed="enabled" in changed)


def delete(*, by: Actor, credential: Credential) -> None:
    """Take a credential (from `selectors.lock`) away from reads.

    Its row stays until the gateway has let go of it. Raises CREDENTIAL_IN_USE.
    """
    _refuse_if_used(credential, "It cannot be deleted")
    compare_and_set(credential, deleted_at=timezone.now())
    _record(by, credential, DELETED)
    tell_gateway(credential)


def changes_of(credential: Credential, fields: dict) -> dict:
    """Those of `fields` that differ from what is stored, in the order given.

    A partial `addressing` is laid over the stored one.
    """
    wanted = dict(fields)
    if "addressing" in wanted:
        wanted["addressing"] = credential.addressing | wanted["addressing"]
    return optimistic_locking.changes_of(credential, wanted)


def _record(by: Actor, credential: Credential, action: str, changes: tuple[str, ...] = ()) -> None:
    audit.record(
        by=by,
        organization=credential.organization,
        action=action,
        target=credential.id,
        changes=changes,
    )


def _refuse_if_used(credential: Credential, what: str) -> None:
    carriers = in_use_by(credential)
    if carriers:
        raise ApiError(
            "CREDENTIAL_IN_USE",
            f"{what} while carriers send through it: {', '.join(carriers)}. "
            "Give them another credential or delete them first.",
            details={"carrier_ids": carriers},
        )
