"""What Jasmin has after a plan was applied: read again, a moment after its binds were started."""

from __future__ import annotations

import time
from collections.abc import Collection

from reconciler.gateway_client.gateway_reader import GatewayReader
from reconciler.plan import Plan
from reconciler.state import Kind, State

BIND_WAIT = 0.3  # seconds that a pass waits for the binds that it has started
SHORT_BIND_WAIT = 0.1  # for an organisation whose carriers keep other binds down
BIND_POLL = 0.03
WATCHED = 100  # binds that are looked at meanwhile; of more, these stand for all


def read_again(
    reader: GatewayReader, plan: Plan, *, only: Collection[str] | None, is_short: bool
) -> State:
    """`only`: as the pass has read before the plan."""
    deadline = time.monotonic() + (SHORT_BIND_WAIT if is_short else BIND_WAIT)
    starting = [
        change.key
        for change in plan.of(Kind.CONNECTOR)
        if change.resource is not None and change.resource.running
    ][:WATCHED]
    while starting and time.monotonic() < deadline:
        rows = reader.sessions(starting)
        starting = [cid for cid in starting if cid not in rows or not rows[cid].is_bound]
        if starting:
            time.sleep(BIND_POLL)
    return reader.read(only)


def unbound(plan: Plan, found: State) -> list[str]:
    """Return cids of connectors that this plan changed and that lack binds yet, or new ones."""
    changed = {change.key: change.rolls_binds for change in plan.of(Kind.CONNECTOR)}
    return [
        cid
        for cid, connector in found.connectors.items()
        if cid in changed and connector.running and (changed[cid] or not connector.is_settled)
    ]
