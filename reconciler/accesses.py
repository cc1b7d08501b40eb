"""What a pass found out about each organisation's access to the gateway's SMPP server."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone

from messaging.access.models import Access
from messaging.credentials.models import SyncState
from reconciler.desired import Desired
from reconciler.diff import Change
from reconciler.state import Kind, Route


def observe(wanted: Desired, outcomes: Mapping[Change, str], sessions: Mapping[str, int]) -> None:
    """Write `sync` and `bound_sessions` of each access, unless it was changed since the snapshot.

    `sessions`: uid → SMPP sessions that its user has bound.
    """
    errors = {
        owner: said for change, said in outcomes.items() if said and (owner := _owner(change))
    }
    for key, access in wanted.accesses.items():
        error = errors.get(key, "")
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


def _owner(change: Change) -> str:
    """The user whose change it is: its own, or one of its routes'."""
    if change.kind is Kind.USER:
        return change.key
    return change.resource.user if isinstance(change.resource, Route) else ""
