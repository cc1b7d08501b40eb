"""`sync` and traffic of each organisation's access to the gateway's SMPP server."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from messaging import bulk
from messaging.access.models import Access
from messaging.credentials.models import SyncState
from reconciler import placements
from reconciler.desired import Desired
from reconciler.diff import Change
from reconciler.jasmin.capabilities import LANE
from reconciler.models import Gateway
from reconciler.state import Kind, Route, Traffic

_COLUMNS = (
    "sync_state", "sync_error", "synced_at", "carrier_errors", "bound_sessions", "submits_total",
    "submits_seen",
)  # fmt: skip


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
    errors: dict[str, str] = {}
    of_carriers: dict[str, dict[str, str]] = defaultdict(dict)
    for change, error in outcomes.items():
        if error and change.kind in (Kind.USER, Kind.ROUTE):
            route = wanted.names.route(change)
            words = f"{route}: {error}" if route else error
            errors.setdefault(change.owner, words)  # the first is the cause of others
            for carrier_id in _carriers(change, wanted):
                of_carriers[change.owner].setdefault(carrier_id, words)
    news: dict[str, _News] = {}
    for key, access in wanted.accesses.items():
        if access.organization_id in elsewhere:
            continue
        error = wanted.state.unreadable.get(key) or errors.get(key, "")
        # What this gateway leaves out is an error of sync, as of a credential's.
        error = error or wanted.left_out.get(key, "")
        sync = {
            "sync_state": SyncState.ERROR if error else SyncState.SYNCED,
            "sync_error": error,
            "carrier_errors": of_carriers.get(key, {}),
        }
        news[access.pk] = _News(
            access.version,
            {} if key in waiting and not error else sync,
            traffic.get(key, Traffic()),
        )
    counted = None if LANE in gateway.capabilities else epoch
    changed = [
        access.pk
        for access in wanted.accesses.values()
        if access.pk in news and _changes(access, news[access.pk], gateway.pk, counted)
    ]
    if changed:
        _write(changed, news, gateway.pk, counted)


@dataclass(frozen=True)
class _News:
    """What a pass has seen of an access in this version; `sync`: columns, {} where it waits."""

    version: int
    sync: Mapping[str, Any]
    traffic: Traffic


def _changes(access: Access, news: _News, gateway: str, epoch: str | None) -> dict[str, Any]:
    """The columns that get another value. `epoch`: None where the gateway's log counts submits."""
    found = {
        **news.sync,
        "bound_sessions": news.traffic.sessions,
        **({} if epoch is None else _counted(access, news.traffic.submits, gateway, epoch)),
    }
    return {name: value for name, value in found.items() if getattr(access, name) != value}


@transaction.atomic
def _write(
    changed: Sequence[str], news: Mapping[str, _News], gateway: str, epoch: str | None
) -> None:
    """Write the accesses that changed (their keys) in two statements.

    The rows are locked and judged again: the pass of another gateway may have counted meanwhile.
    """
    rows = Access.objects.defer("password").select_for_update(of=("self",))
    now, values = timezone.now(), {}
    for row in rows.filter(pk__in=changed).order_by("pk"):
        new = news[row.pk]
        changes = _changes(row, new, gateway, epoch)
        if row.version != new.version or not changes:
            continue
        if new.sync.get("sync_state") == SyncState.SYNCED:
            changes["synced_at"] = now
        values[row.pk] = {name: changes.get(name, getattr(row, name)) for name in _COLUMNS}
    bulk.update(Access, values, _COLUMNS)


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
