"""Writes of credentials: create, update, delete. `reveal` and `rotation` have files of their own.

Every function runs in the caller's transaction and writes the change and its audit row together.
Where the gateway has to follow it also sets `sync: pending` and pushes on commit (`sync`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils import timezone

from messaging import optimistic_locking
from messaging.credentials import bind_settings, permissions, tls_settings
from messaging.credentials.bind_limits import caller_of
from messaging.credentials.dependents import in_use_by, numbers_of
from messaging.credentials.host_check import new_places
from messaging.credentials.models import BindType, Credential, default_addressing
from messaging.credentials.permissions import PasswordProof
from messaging.credentials.sync import BIND_FIELDS, mark_pending
from messaging.credentials.validators import MAX_NAME
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.accounts.quotas import services as quotas
from orbit.api.errors import ApiError

CREATED, UPDATED, DELETED = "credential.created", "credential.updated", "credential.deleted"

# Unique among an organisation's live rows, by a constraint of the database.
_ACCOUNT = ("host", "port", "system_id", "bind_type")
# The gateway does not know these.
_NOT_IN_GATEWAY = frozenset({"name", "inbound_charset", "inbound_parts_timeout"})
# A change of one of these makes the gateway bind anew at the carrier.
_CAUSES_BIND = BIND_FIELDS | {"enabled"}


def create(*, by: Actor, organization: Organization, fields: dict) -> Credential:
    """Add a credential. `fields`: as validated by CredentialSerializer.

    Raises QUOTA_EXCEEDED, DUPLICATE_CREDENTIAL; VALIDATION_ERROR and MISSING_REQUIRED_FIELD where
    settings of TLS, or of several binds, do not fit together.
    """
    tls_settings.check(fields)
    bind_settings.check(fields)
    live = Credential.objects.live().filter(organization=organization)
    quotas.require(organization, "credentials", live)
    values = {"name": f"{fields['system_id']}@{fields['host']}"[:MAX_NAME], **fields}
    values["addressing"] = default_addressing() | fields.get("addressing", {})
    credential = Credential(
        organization=organization,
        password_set_at=timezone.now(),
        bind_caller=caller_of(by),
        **values,
    )
    with _duplicates_refused(credential):
        credential.save(force_insert=True)
    _record(by, credential, CREATED, changes=tuple(fields))
    mark_pending(credential, changed=() if credential.enabled else ("enabled",))
    return credential


def update(
    *,
    by: Actor,
    credential: Credential,
    fields: dict,
    proof: PasswordProof,
    checked_hosts: Collection[str] = (),
) -> None:
    """Write the fields that differ from the stored values, and an audit row in any case.

    `credential` comes from `selectors.lock`. `proof`: the permission to send the stored password
    elsewhere (`permissions`). `checked_hosts`: new hosts that the host policy was asked about;
    others are not written. Raises INSUFFICIENT_PERMISSIONS, RATE_LIMIT_EXCEEDED, INVALID_STATE,
    CREDENTIAL_IN_USE, DUPLICATE_CREDENTIAL, and what `create` raises.
    """
    fields = tls_settings.without_orphaned_key(fields)
    tls_settings.check(fields, credential)
    bind_settings.check(fields, credential)
    changed = changes_of(credential, fields)
    permissions.check_password_move(
        by=by, credential=credential, action=UPDATED, changed=changed, proof=proof
    )
    new_hosts = {host for host, _ in new_places(changed, credential).values()}
    if not new_hosts <= {*checked_hosts, *(host for host, _ in credential.hosts)}:
        raise optimistic_locking.changed_meanwhile(credential)
    if changed.get("bind_type") == BindType.RECEIVER:
        _refuse_if_used(credential, "A receiver cannot send")
    if changed:
        with _duplicates_refused(credential, changed):
            caller = {} if _CAUSES_BIND.isdisjoint(changed) else {"bind_caller": caller_of(by)}
            compare_and_set(credential, **changed, **caller)
    _record(by, credential, UPDATED, changes=tuple(changed))
    if changed.keys() - _NOT_IN_GATEWAY:
        mark_pending(credential, changed=changed)


def delete(*, by: Actor, credential: Credential) -> None:
    """Mark a credential (from `selectors.lock`) as deleted.

    The reconciler deletes the row once the gateway has dropped its connector. Raises
    CREDENTIAL_IN_USE.
    """
    _refuse_if_used(credential, "It cannot be deleted")
    _refuse_if_received_by(credential)
    compare_and_set(credential, deleted_at=timezone.now())
    _record(by, credential, DELETED)
    mark_pending(credential)


def changes_of(credential: Credential, fields: dict) -> dict:
    """The `fields` that differ from the stored values, in the order given.

    A partial `addressing` is merged into the stored one.
    """
    wanted = dict(fields)
    if "addressing" in wanted:
        wanted["addressing"] = credential.addressing | wanted["addressing"]
    return optimistic_locking.changes_of(credential, wanted)


def compare_and_set(credential: Credential, **fields: object) -> None:
    """`optimistic_locking.compare_and_set` of a credential that is not deleted."""
    optimistic_locking.compare_and_set(credential, fields, among=Credential.objects.live())


@contextmanager
def _duplicates_refused(credential: Credential, changed: Mapping | None = None) -> Iterator[None]:
    """Turn the database's IntegrityError into DUPLICATE_CREDENTIAL with the other's id.

    `changed`: the new values that are written over those of `credential`.
    """
    account = {name: getattr(credential, name) for name in _ACCOUNT} | {
        name: value for name, value in (changed or {}).items() if name in _ACCOUNT
    }
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        others = Credential.objects.live().exclude(pk=credential.pk)
        twin = others.filter(organization=credential.organization_id, **account).first()
        if twin is None:
            raise
        raise ApiError(
            "DUPLICATE_CREDENTIAL",
            "A credential for this host, port, system_id and bind_type exists already: "
            f"{twin.id}. Change that one, or delete it first.",
            details={"credential_id": twin.id},
        ) from None


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


def _refuse_if_received_by(credential: Credential) -> None:
    numbers = numbers_of(credential)
    if numbers:
        raise ApiError(
            "CREDENTIAL_IN_USE",
            f"It cannot be deleted while texts to your numbers come in by it: {', '.join(numbers)}."
            " Give them another credential or delete them first.",
            details={"number_ids": numbers},
        )
