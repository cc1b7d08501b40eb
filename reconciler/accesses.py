"""What a pass found out about each organisation's access to the gateway's SMPP server."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

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
    errors: dict[str, str] = {}
    of_carriers: dict[str, dict[str, str]] = defaultdict(dict)
    for change, said in outcomes.items():
        if said and change.kind in (Kind.USER, Kind.ROUTE):
            route = wanted.names.route(change)
            words = f"{route}: {said}" if route else said
            errors.setdefault(change.owner, words)  # the first is the cause of what follows
            for carrier_id in _carriers(change, wanted):
                of_carriers[change.owner].setdefault(carrier_id, words)
    for key, access in wanted.accesses.items():
        error = wanted.state.unreadable.get(key) or errors.get(key, "")
        state = SyncState.ERROR if error else SyncState.SYNCED
        news = {
            "sync_state": state,
            "sync_error": error,
            "carrier_errors": of_carriers[key],
            "bound_sessions": sessions.get(key, 0),
        }
        if any(getattr(access, name) != value for name, value in news.items()):
            if state == SyncState.SYNCED:
                news["synced_at"] = timezone.now()
            Access.objects.filter(pk=access.pk, version=access.version).update(**news)


def _carriers(change: Change, wanted: Desired) -> Iterator[str]:
    """Ids of the carriers that the route concerns: those that it is to have, and those that it
    has in Jasmin and is to lose (switched off, they keep their traffic)."""
    route, before = change.resource, change.before
    kept: tuple[str, ...] = ()
    if isinstance(route, Route):
        kept = route.connectors
        yield from route.carriers
    for cid in before.connectors if before else ():
        if cid not in kept:
            yield from wanted.carriers.get(cid, ())
