"""Webhook events of credentials: bound, unbound, sync failed.

Only changes that the gateway or the carrier causes are events: a bind came up; a bind was lost or
can no longer be seen because its gateway is down; a sync failed, or failed for another reason.
Disabling or deleting a credential is no lost bind. A credential that is changed and still fails to
sync has failed anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from messaging.credentials.models import BindState, Credential, CredentialStatus, SyncState
from messaging.webhooks.events import NewEvent
from messaging.webhooks.models import EventType
from orbit.api.envelope import timestamp

_LOST = frozenset({BindState.BINDING, BindState.UNBOUND, BindState.UNKNOWN})


def events_of(
    credential: Credential, *, before: CredentialStatus, after: CredentialStatus, at: datetime
) -> Iterator[NewEvent]:
    """Events of a credential when its status `before` becomes `after`."""
    bound = BindState.BOUND
    if after.bind_state == bound != before.bind_state:
        yield _event(EventType.CREDENTIAL_BOUND, credential, after.bind_state, "", at)
    elif before.bind_state == bound and after.bind_state in _LOST:
        error = after.bind_error
        yield _event(EventType.CREDENTIAL_UNBOUND, credential, after.bind_state, error, at)
    failed = SyncState.ERROR, after.sync_error
    if after.sync_state == SyncState.ERROR and failed != (before.sync_state, before.sync_error):
        error = after.sync_error
        yield _event(EventType.CREDENTIAL_SYNC_FAILED, credential, after.sync_state, error, at)


def _event(
    type: EventType, credential: Credential, state: str, error: str, at: datetime
) -> NewEvent:
    return NewEvent(
        organization_id=credential.organization_id,
        type=type.value,
        data={
            "credential_id": credential.id,
            "name": credential.name,
            "host": credential.host,
            "port": credential.port,
            "system_id": credential.system_id,
            "state": str(state),
            "error": error or None,
            "at": timestamp(at),
        },
    )
