"""What a pass found out about each organisation's access to the gateway's SMPP server."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone

from messaging.access.models import Access
from messaging.credentials.models import SyncState
from reconciler.desired import Desired
from reconciler.diff import Change
from reconciler.state import Kind


def observe(wanted: Desired, outcomes: Mapping[Change, str], sessions: Mapping[str, int]) -> None:
    """Write `sync` and `bound_sessions` of each access, unless it was changed since the snapshot.

    `sessions`: uid → SMPP sessions that its user has bound.
    """
    errors: dict[str, str] = {}
    for change, said in outcomes.items():
        if said and change.kind in (Kind.USER, Kind.ROUTE):
            errors.setdefault(change.owner, said)  # the first is the cause of what follows
    for key, access in wanted.accesses.items():
        error = wanted.state.unreadable.get(key) or errors.get(key, "")
        state = SyncState.ERROR if error else SyncState.SYNCED
        news = {
            "sync_state": state,
            "sync_error": error,
            "bound_sessions": sessions.get(key, 0),
        }
        if any(getattr(access, name) != value for name, value in news.items()):
            if state == SyncState.SYNCED:
                news["synced_at"] = timezone.now()
            Access.objects.filter(pk=access.pk, version=access.version).update(**news)
