"""`sync` and traffic of each organisation's access to the gateway's SMPP server."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.utils import timezone

from messaging.access.models import Access
from messaging.credentials.models import SyncState
from reconciler import placements
from reconciler.actual import Traffic
from reconciler.desired import Desired
from reconciler.diff import Change
from reconciler.jasmin.capabilities import LANE
from reconciler.models import Gateway
from reconciler.state import Kind, Route


def observe(
    wanted: Desired,
    outcomes: Mapping[Change, str],
    traffic: Mapping[str, Traffic],
    *,
    gateway: Gateway,
    epoch: str,
    waiting: Collection[str] = (),
) -> None:
    """Write `sync`, `bound_sessions` and the count of submits of each access, unless the access has
    changed since the snapshot: then the next pass does.

    - `traffic`: by uid, on this gateway.
    - `epoch`: the epoch of the gateway's process.
    - `waiting`: uids of which a later pass brings the rest; their `sync` stays as it was.

    Where the gateway has a log, its records are what counts submits. An organisation that has not
    arrived here is bound at the gateway that serves it.
    """
    elsewhere = placements.on_their_way_to(gateway)
    has_log = LANE in gateway.capabilities
    errors: dict[str, str] = {}
    of_carriers: dict[str, dict[str, str]] = defaultdict(dict)
    for change, error in outcomes.items():
        if error and change.kind in (Kind.USER, Kind.ROUTE):
            route = wanted.names.route(change)
            words = f"{route}: {error}" if route else error
            errors.setdefault(change.owner, words)  # the first is the cause of others
            for carrier_id in _carriers(change, wanted):
                of_carriers[change.owner].setdefault(carrier_id, words)
    for key, access in wanted.accesses.items():
        if access.organization_id in elsewhere:
            continue
        error = wanted.state.unreadable.get(key) or errors.get(key, "")
        # What this gateway leaves out is an error of sync, as of a credential's.
        error = error or wanted.left_out.get(key, "")
        state = SyncState.ERROR if error else SyncState.SYNCED
        found = traffic.get(key, Traffic())
        sync = {
            "sync_state": state,
            "sync_error": error,
            "carrier_errors": of_carriers[key],
        }
        news = {
            **({} if key in waiting and not error else sync),
            "bound_sessions": found.sessions,
            **({} if has_log else _counted(access, found.submits, gateway.pk, epoch)),
        }
        if any(getattr(access, name) != value for name, value in news.items()):
            if news.get("sync_state") == SyncState.SYNCED:
                news["synced_at"] = timezone.now()
            Access.objects.filter(pk=access.pk, version=access.version).update(**news)


def _carriers(change: Change, wanted: Desired) -> Iterator[str]:
    """Yield ids of the carriers of a failed route: those that it should have, and those that it has
    in Jasmin and should lose (switched off, they keep their traffic)."""
    route, before = change.resource, change.before
    kept: tuple[str, ...] = ()
    if isinstance(route, Route):
        kept = route.connectors
        yield from route.carriers
    for cid in before.connectors if before else ():
        if cid not in kept:
            yield from wanted.carriers.get(cid, ())


def _counted(access: Access, submits: int | None, gateway: str, epoch: str) -> dict[str, Any]:
    """Return the columns of the count with the submits since the last pass. Jasmin counts from 0
    after a restart and after its user was added again; each gateway counts for itself."""
    before, seen = access.submits_seen.get(gateway, ("", 0))
    if before != epoch:
        seen = 0
    if submits is None or submits == seen:
        return {}
    more = submits - seen if submits > seen else submits
    return {
        "submits_total": access.submits_total + more,
        "submits_seen": access.submits_seen | {gateway: [epoch, submits]},
    }
