"""`sync` and `bind` of each credential, as a pass found them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial

from django.db.models import Q

from messaging.credentials import gateway_binds
from messaging.credentials.models import BindState, Credential, CredentialStatus, SyncState
from reconciler import placements
from reconciler.desired import Desired
from reconciler.diff import Change
from reconciler.models import ConnectorRecord, Gateway
from reconciler.state import Connector, State
from reconciler.status import bind_sessions, status_rows
from reconciler.status.status_rows import Observed

_NO_SEAT = (
    "the carrier allows no further binds (`max_binds`), and the gateway that the organisation"
    " leaves has them until the next pass"
)


def remember_addresses(wanted: Desired, *, put_off: Collection[str] = ()) -> None:
    """Store the addresses of each connector, before Jasmin gets them; of one that it has already,
    too, since the name may be another. `put_off`: gateway keys of those that keep theirs for now.
    """
    chosen, backups = [], []
    for key, connector in wanted.state.connectors.items():
        if key in put_off:
            continue
        credential, address = wanted.credentials[key], connector.settings["host"]
        record = ConnectorRecord.of(credential)
        if (record.host, record.address) != (credential.host, address):
            record.host, record.address = credential.host, address
            chosen.append(record)
        status, addresses = credential.observed, wanted.backup_addresses.get(key, {})
        if status.backup_addresses != addresses:
            status.backup_addresses = addresses
            backups.append(status)
    CredentialStatus.objects.bulk_update(backups, ["backup_addresses"], batch_size=500)
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
        key: _seen(key, credential, wanted, found, errors.get(key, ""), gateway)
        for key, credential in wanted.credentials.items()
        if credential.organization_id not in elsewhere and key not in put_off
    }
    status_rows.write(gateway, wanted, found, seen)
    gateway_binds.seen_up(
        {
            wanted.credentials[key]: found.connectors[key].bound_since
            for key, status in seen.items()
            # Where a change failed, an earlier bind may be up still.
            if status.bind_state == BindState.BOUND and key not in errors
        }
    )
    for key in seen.keys() & wanted.backup_addresses.keys() & found.connectors.keys():
        backups = wanted.backup_addresses[key]
        bind_sessions.count_refusals(found.connectors[key], wanted.credentials[key], backups)
    _forget_failures(wanted, seen)
    return _delete_gone(wanted, found)


def _seen(
    key: str,
    credential: Credential,
    wanted: Desired,
    found: State,
    error: str,
    gateway: Gateway,
) -> Observed:
    error = wanted.state.unreadable.get(key) or wanted.refused.get(key) or error
    error = wanted.unfit.get(key) or error
    if not error and key not in wanted.state.connectors:
        error = wanted.unresolved.get(key, "it has no address")
    # A field that is left out is an error of sync, but no reason for a bind to be down.
    sync_error = error or wanted.left_out.get(key, "")
    state = SyncState.ERROR if sync_error else SyncState.SYNCED
    says = partial(Observed, state, sync_error, left_out=bool(sync_error) and not error)
    connector, record = found.connectors.get(key), ConnectorRecord.of(credential)
    if not credential.enabled:
        return says(BindState.DISABLED, "")
    bound = connector.bound if connector is not None else 0
    why = bind_sessions.trouble(connector, credential, gateway) if bound else ""
    if connector is not None and connector.is_bound:
        backups = wanted.backup_addresses.get(key, {})
        settling = not why and bind_sessions.are_coming(connector, credential, backups)
        return says(BindState.BOUND, why, _is_verified(connector), bound, settling=settling)
    has_failed = record.held or record.diagnosis
    if not error and has_failed and record.version == credential.bind_version:
        return says(BindState.UNBOUND, record.diagnosis, bound=bound)
    if not error and key in wanted.held_back:
        return says(BindState.UNBOUND, _NO_SEAT, bound=bound)
    if not error and connector is not None and not connector.running:
        error = "waits for the deleted credential of this account to leave the gateway"
    error = error or why  # a receiver of a pair may be up without its transmitter
    return says(BindState.UNBOUND if error else BindState.BINDING, error, bound=bound)


def _is_verified(connector: Connector) -> bool:
    """Has this bind verified the carrier's certificate? A stock Jasmin has no such setting."""
    settings = connector.settings
    if not bind_sessions.are_verified(connector.sessions):
        return False
    return settings.get("ssl") == "yes" and settings.get("tls_verify") == "full"


def _forget_failures(wanted: Desired, seen: Mapping[str, Observed]) -> None:
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
    """Has the organisation binds that are still binding, or a change that is not in Jasmin yet?"""
    rows = CredentialStatus.objects.filter(
        credential__organization=organization_id, credential__deleted_at=None
    )
    pending = Q(bind_state=BindState.BINDING) | Q(sync_state=SyncState.PENDING)
    return rows.filter(pending | Q(bind_state=BindState.BOUND, settling=True)).exists()
