"""Dispatching the messages of an organisation: claim a batch, submit it, record the answers.

A process that is killed between two of these steps leaves claims behind, which `recovery` hands
over again under the same name; a gateway with a lane takes each name once.
"""

from __future__ import annotations

import time

from messaging.gateway import Refusal, Refused
from messaging.messages.dispatch.claim import claim
from messaging.messages.dispatch.outcome import record
from messaging.messages.dispatch.submit import submit

TURN = 0.5  # seconds that one organisation is dispatched, then another one's task runs
NOW, SOON, LATER = 0.0, 0.1, 1.0  # seconds until the next look

# After these refusals another carrier may take it; the others concern the gateway as a whole.
_ELSEWHERE = frozenset({Refusal.NOT_BOUND, Refusal.NOT_SYNCED})


def dispatch(organization_id: str) -> float | None:
    """Submit due messages for up to `TURN` seconds; return seconds until the next look, None if
    none waits."""
    until = time.monotonic() + TURN
    unbound: set[str] = set()
    while time.monotonic() < until:
        batch = claim(organization_id, without=unbound)
        if not batch.claims:
            if batch.ended or batch.put_off:
                continue  # there may be due messages behind them
            # Room returns all the time; binds change with passes of the reconciler.
            return SOON if batch.is_full else LATER if batch.waits else None
        answers = submit(batch.claims, batch.trunks, lease=batch.lease)
        record(batch.claims, answers, at=batch.at, leased_until=batch.lease.until)
        refused = [
            (each.credential_id, answer.kind)
            for each, answer in zip(batch.claims, answers, strict=True)
            if isinstance(answer, Refused)
        ]
        unbound |= {credential for credential, kind in refused if kind in _ELSEWHERE}
        if any(kind is Refusal.UNAVAILABLE for _, kind in refused):
            return LATER
    return NOW
