"""What happens to credentials by itself, as webhooks are told.

Only changes count: a bind that came up, one that was lost or that nobody sees since its gateway is
down, a failure to sync that is new or has another reason. What people do themselves is none: one
that they disable or delete was not lost, and one that they change has failed anew if it still
fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from messaging.credentials.models import BindState, Credential, CredentialStatus, SyncState
from messaging.webhooks.events import Occurrence
from messaging.webhooks.models import EventType
from orbit.api.envelope import timestamp

_LOST = frozenset({BindState.BINDING, BindState.UNBOUND, BindState.UNKNOWN})


def occurrences(
    credential: Credential, *, before: CredentialStatus, after: CredentialStatus, at: datetime
) -> Iterator[Occurrence]:
    """What there is to tell of a credential whose status was `before` and is `after`."""
    bound = BindState.BOUND
    if after.bind_state == bound != before.bind_state:
        yield _told(EventType.CREDENTIAL_BOUND, credential, after.bind_state, "", at)
    elif before.bind_state == bound and after.bind_state in _LOST:
        error = after.bind_error
        yield _told(EventType.CREDENTIAL_UNBOUND, credential, after.bind_state, error, at)
    failed = SyncState.ERROR, after.sync_error
    if after.sync_state == SyncState.ERROR and failed != (before.sync_state, before.sync_error):
        error = after.sync_error
        yield _told(EventType.CREDENTIAL_SYNC_FAILED, credential, after.sync_state, error, at)


def _told(
    type: EventType, credential: Credential, state: str, error: str, at: datetime
) -> Occurrence:
    return Occurrence(
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
