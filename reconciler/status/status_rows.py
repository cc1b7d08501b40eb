"""Writes what a pass has seen of credentials into their rows: a few statements, however many.

What was not seen to change is not written, but for `observed_at`.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from messaging import bulk
from messaging.credentials.events import events_of
from messaging.credentials.models import Credential, CredentialStatus, SyncState
from messaging.webhooks.events import NewEvent, emit_many
from reconciler.desired import Desired
from reconciler.models import Gateway
from reconciler.state import State
from reconciler.status import bind_history, bind_sessions


@dataclass(frozen=True)
class Observed:
    """The status of one credential: columns of its row."""

    sync_state: str
    sync_error: str
    bind_state: str
    bind_error: str
    tls_verified: bool = False
    bound: int = 0
    left_out: bool = False
    settling: bool = False


_COLUMNS = tuple(each.name for each in dataclasses.fields(Observed))


def write(gateway: Gateway, wanted: Desired, found: State, seen: Mapping[str, Observed]) -> None:
    """Write statuses that changed, unless the credential has changed since the snapshot, and emit
    their webhook events."""
    now = timezone.now()
    sessions = bind_sessions.changed(gateway, wanted, found, seen)
    changed = [
        credential
        for key, new in seen.items()
        if (credential := wanted.credentials[key]).pk in sessions
        or not _is_written(credential, new, gateway)
    ]
    if changed:
        _write_changed(gateway, changed, seen, sessions)
    ids = [wanted.credentials[key].pk for key in seen]
    CredentialStatus.objects.filter(pk__in=ids).update(observed_at=now)


@transaction.atomic
def _write_changed(
    gateway: Gateway,
    changed: Sequence[Credential],
    seen: Mapping[str, Observed],
    sessions: dict[str, list[bind_sessions.Shown]],
) -> None:
    """Write these statuses and their events, in a fixed number of statements. `sessions`: the binds
    of credentials whose binds changed, by credential id."""
    now = timezone.now()
    versions = dict(
        Credential.objects.select_for_update()
        .filter(pk__in=[credential.pk for credential in changed])
        .order_by("pk")
        .values_list("pk", "version")
    )
    rows: dict[str, Observed] = {}
    moved: dict[str, tuple[str, str]] = {}
    events: list[NewEvent] = []
    for credential in changed:
        new, old = seen[credential.gateway_key], _status(credential)
        if versions.get(credential.pk) != credential.version:
            sessions.pop(credential.pk, None)
        elif not _is_written(credential, new, gateway):
            rows[credential.pk] = new
            if not _is_known(old, new):
                moved[credential.pk] = new.bind_state, new.bind_error
            after = CredentialStatus(**dataclasses.asdict(new))
            events += events_of(credential, before=old, after=after, at=now)
    bind_history.record_many(moved)
    groups: dict[tuple[bool, bool], dict[str, Observed]] = defaultdict(dict)
    for pk, new in rows.items():
        groups[new.sync_state == SyncState.SYNCED, pk in moved][pk] = new
    for (synced, has_moved), own in groups.items():
        same = {"gateway_id": gateway.pk}
        same |= ({"synced_at": now} if synced else {}) | ({"bind_since": now} if has_moved else {})
        _write_rows(own, same)
    bind_sessions.write(sessions)
    emit_many(events)


def _write_rows(rows: Mapping[str, Observed], same: Mapping[str, Any]) -> None:
    """Write statuses by the credential's id; `same`: columns that are alike in all."""
    values = {pk: dataclasses.asdict(new) for pk, new in rows.items()}
    written = set(bulk.update(CredentialStatus, values, _COLUMNS, same=same))
    CredentialStatus.objects.bulk_create(
        CredentialStatus(credential_id=pk, **new, **{"bind_since": timezone.now(), **same})
        for pk, new in values.items()
        if pk not in written
    )


def _status(credential: Credential) -> CredentialStatus:
    try:
        return credential.status
    except CredentialStatus.DoesNotExist:
        return CredentialStatus(credential=credential)


def _is_written(credential: Credential, new: Observed, gateway: Gateway) -> bool:
    status = _status(credential)
    old = Observed(
        status.sync_state,
        status.sync_error,
        status.bind_state,
        status.bind_error,
        status.tls_verified,
        status.bound,
        status.left_out,
        status.settling,
    )
    return old == new and _is_known(status, new) and status.gateway_id == gateway.pk


def _is_known(status: CredentialStatus, new: Observed) -> bool:
    """Has a pass seen this bind state before? Not where a person has just switched it."""
    return status.bind_state == new.bind_state and status.bind_since is not None
