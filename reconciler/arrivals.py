"""Ends the moves of organisations that have arrived on a gateway, as a pass over it has found."""

from __future__ import annotations

from collections.abc import Collection

from messaging.credentials.models import BindState
from reconciler import placements
from reconciler.desired import Desired
from reconciler.models import Gateway
from reconciler.snapshot import Snapshot
from reconciler.state import State


def end_moves(
    gateway: Gateway, snapshot: Snapshot, wanted: Desired, found: State, *, stuck: Collection[str]
) -> None:
    """End the moves of organisations to this gateway once all that they have is here, and the binds
    that were up are up here.

    `stuck`: gateway keys that are not as wanted; an organisation that owns one has not arrived.
    """
    if not snapshot.arriving:
        return
    here = snapshot.organizations_without(stuck)
    placements.arrive(gateway, here, unbound=_bound_elsewhere(snapshot, wanted, found))


def _bound_elsewhere(snapshot: Snapshot, wanted: Desired, found: State) -> set[str]:
    """Organisations with a bind that is up on their old gateway, and not here yet."""
    up_here = {cid for cid, connector in found.connectors.items() if connector.is_bound}
    return {
        credential.organization_id
        for key, credential in wanted.credentials.items()
        if credential.organization_id in snapshot.arriving
        and credential.observed.bind_state == BindState.BOUND
        and not (key in up_here or key in wanted.held_back)
    }
