"""`sync` and `bind` of each credential, as a pass found them."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from messaging.credentials import gateway_binds
from messaging.credentials.events import events_of
from messaging.credentials.models import BindState, Credential, CredentialStatus, SyncState
from messaging.webhooks.events import NewEvent, emit_many
from reconciler import placements
from reconciler.desired import Desired
from reconciler.diff import Change
from reconciler.models import ConnectorRecord, Gateway
from reconciler.state import Connector, State
from reconciler.status import bind_history

_ONE_BIND = (
    "the carrier allows one bind (`max_binds`), and the gateway that the organisation leaves has it"
    " until the next pass"
)


@dataclass(frozen=True)
class _Observed:
    """The status of one credential; equal ones are written together."""

    sync_state: str
    sync_error: str
    bind_state: str
    bind_error: str
    tls_verified: bool = False


def remember_addresses(wanted: Desired) -> None:
    """Store the address of each connector, before Jasmin gets it."""
    chosen = []
    for key, connector in wanted.state.connectors.items():
        credential, address = wanted.credentials[key], connector.settings["host"]
        record = ConnectorRecord.of(credential)
        if (record.host, record.address) != (credential.host, address):
            record.host, record.address = credential.host, address
            chosen.append(record)
    ConnectorRecord.objects.bulk_create(
        chosen,
        update_conflicts=True,
        unique_fields=["credential"],
        update_fields=["host", "address"],
    )


def observe(
    gateway: Gateway,
    wanted: Desired,
    found: State,
    outcomes: Mapping[Change, str] | None = None,
    *,
    put_off: Collection[str] = (),
) -> bool:
    """Write each credential's sync and bind, and delete credentials that Jasmin no longer has.

    Credentials of an organisation that has not arrived here are written by passes over the gateway
    that serves it; those that this pass has `put_off` (gateway keys) stay as they were: pending.
    Returns whether another pass has something to do: a credential waited for a deleted one of the
    same account, and that is gone now.
    """
    errors: dict[str, str] = {}
    for change, error in (outcomes or {}).items():
        if error:
            errors.setdefault(change.owner, error)  # the first is the cause of others
    elsewhere = placements.on_their_way_to(gateway)
    seen = {
        key: _seen(key, credential, wanted, found, errors.get(key, ""))
        for key, credential in wanted.credentials.items()
        if credential.organization_id not in elsewhere and key not in put_off
    }
    _write_statuses(gateway, wanted, seen)
    gateway_binds.taken(
        [
            wanted.credentials[key]
            for key, status in seen.items()
            # Where a change failed, an earlier bind may be up still.
            if status.bind_state == BindState.BOUND and key not in errors
        ]
    )
    _forget_failures(wanted, seen)
    return _delete_gone(wanted, found)


def _seen(key: str, credential: Credential, wanted: Desired, found: State, error: str) -> _Observed:
    error = wanted.state.unreadable.get(key) or wanted.refused.get(key) or error
    error = wanted.unfit.get(key) or error
    if not error and key not in wanted.state.connectors:
        error = wanted.unresolved.get(key, "it has no address")
    # A field that is left out is an error of sync, but no reason for a bind to be down.
    sync_error = error or wanted.left_out.get(key, "")
    sync = (SyncState.ERROR if sync_error else SyncState.SYNCED, sync_error)
    connector, record = found.connectors.get(key), ConnectorRecord.of(credential)
    if not credential.enabled:
        return _Observed(*sync, BindState.DISABLED, "")
    if connector is not None and connector.is_bound:
        return _Observed(*sync, BindState.BOUND, "", _is_verified(connector))
    if error:
        return _Observed(*sync, BindState.UNBOUND, error)
    has_failed = record.held or record.diagnosis
    if has_failed and record.version == credential.bind_version:
        return _Observed(*sync, BindState.UNBOUND, record.diagnosis)
    if key in wanted.held_back:
        return _Observed(*sync, BindState.UNBOUND, _ONE_BIND)
    if connector is not None and not connector.running:
        waits = "waits for the deleted credential of this account to leave the gateway"
        return _Observed(*sync, BindState.UNBOUND, waits)
    return _Observed(*sync, BindState.BINDING, "")


def _is_verified(connector: Connector) -> bool:
    """Has this bind verified the carrier's certificate? A stock Jasmin has no such setting."""
    settings = connector.settings
    return settings.get("ssl") == "yes" and settings.get("tls_verify") == "full"


def _write_statuses(gateway: Gateway, wanted: Desired, seen: Mapping[str, _Observed]) -> None:
    """Write statuses that changed, unless the credential has changed since the snapshot, and emit
    their webhook events."""
    now = timezone.now()
    groups: dict[tuple[_Observed, bool], list[str]] = defaultdict(list)
    changed = [
        wanted.credentials[key]
        for key, new in seen.items()
        if not _is_written(wanted.credentials[key], new, gateway)
    ]
    with transaction.atomic():
        versions = dict(
            Credential.objects.select_for_update()
            .filter(pk__in=[credential.pk for credential in changed])
            .order_by("pk")
            .values_list("pk", "version")
        )
        events: list[NewEvent] = []
        for credential in changed:
            if versions.get(credential.pk) == credential.version:
                new, old = seen[credential.gateway_key], _status(credential)
                groups[new, not _is_known(old, new)].append(credential.pk)
                after = CredentialStatus(**dataclasses.asdict(new))
                events += events_of(credential, before=old, after=after, at=now)
        for (new, moved), ids in groups.items():
            _write(gateway, new, moved, ids)
        emit_many(events)
    ids = [wanted.credentials[key].pk for key in seen]
    CredentialStatus.objects.filter(pk__in=ids).update(observed_at=now)


def _write(gateway: Gateway, new: _Observed, moved: bool, ids: Sequence[str]) -> None:
    now = timezone.now()
    values = {
        "gateway_id": gateway.pk,
        "sync_state": new.sync_state,
        "sync_error": new.sync_error,
        "bind_state": new.bind_state,
        "bind_error": new.bind_error,
        "tls_verified": new.tls_verified,
    }
    if new.sync_state == SyncState.SYNCED:
        values["synced_at"] = now
    if moved:
        values["bind_since"] = now
        bind_history.record(ids, new.bind_state, new.bind_error)
    rows = CredentialStatus.objects.filter(pk__in=ids)
    if rows.update(**values) < len(ids):
        missing = set(ids) - set(rows.values_list("pk", flat=True))
        CredentialStatus.objects.bulk_create(
            CredentialStatus(credential_id=pk, **values | {"bind_since": now}) for pk in missing
        )


def _status(credential: Credential) -> CredentialStatus:
    try:
        return credential.status
    except CredentialStatus.DoesNotExist:
        return CredentialStatus(credential=credential)


def _is_written(credential: Credential, new: _Observed, gateway: Gateway) -> bool:
    status = _status(credential)
    old = _Observed(
        status.sync_state,
        status.sync_error,
        status.bind_state,
        status.bind_error,
        status.tls_verified,
    )
    return old == new and _is_known(status, new) and status.gateway_id == gateway.pk


def _is_known(status: CredentialStatus, new: _Observed) -> bool:
    """Has a pass seen this bind state before? Not where a person has just switched it."""
    return status.bind_state == new.bind_state and status.bind_since is not None


def _forget_failures(wanted: Desired, seen: Mapping[str, _Observed]) -> None:
    """Reset the backoff of binds that are up: the next failure starts at the shortest."""
    up = [
        credential.pk
        for key, credential in wanted.credentials.items()
        if key in seen
        and seen[key].bind_state == BindState.BOUND
        and ConnectorRecord.of(credential).diagnosis
    ]
    if up:
        ConnectorRecord.objects.filter(pk__in=up).update(
            failures=0, held=False, retry_at=None, diagnosis=""
        )


def _delete_gone(wanted: Desired, found: State) -> bool:
    """Delete rows of deleted credentials that this gateway no longer has; return whether another
    credential of the same account waited for that."""
    gone = [
        credential
        for key, credential in wanted.deleted.items()
        if key not in found.connectors and key not in found.users
    ]
    if not gone:
        return False
    Credential.objects.filter(
        organization__placement__leaving=None, pk__in=[credential.pk for credential in gone]
    ).delete()
    accounts = {(each.organization_id, each.host, each.port, each.system_id) for each in gone}
    return any(
        (each.organization_id, each.host, each.port, each.system_id) in accounts
        for each in wanted.credentials.values()
    )


def has_bind_down(organization_id: str) -> bool:
    """Has the organisation a bind that a pass has found down, and that was not just started?"""
    return CredentialStatus.objects.filter(
        credential__organization=organization_id,
        credential__deleted_at=None,
        bind_state=BindState.UNBOUND,
    ).exists()


def is_settling(organization_id: str) -> bool:
    """Has the organisation a bind that is still binding, or a change that is not in Jasmin yet?"""
    rows = CredentialStatus.objects.filter(
        credential__organization=organization_id, credential__deleted_at=None
    )
    return rows.filter(Q(bind_state=BindState.BINDING) | Q(sync_state=SyncState.PENDING)).exists()
