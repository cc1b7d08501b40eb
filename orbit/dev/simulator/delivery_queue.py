"""The carrier's store and forward: which bind gets receipts and inbound texts, and when.

A delivery stays in the carrier's queue until a bind that may receive has acknowledged it.
"""

from __future__ import annotations

import asyncio

from messaging.smpp.protocol.command_status import by_name
from orbit.dev.simulator.deliveries import Delivery
from orbit.dev.simulator.systems import Bind, System

POSTPONED_SECONDS = 1.0  # until the next try after "not now" from the only bind there is
UNANSWERED_SECONDS = 30.0  # without a deliver_sm_resp, after which it counts as not taken

_FOR_GOOD = {by_name("ESME_RX_P_APPN").value, by_name("ESME_RX_R_APPN").value}


def post(system: System, delivery: Delivery) -> None:
    """Send it to a bind of the system that may receive, or queue it until there is one."""
    session = _choose(system, delivery)
    if session is None:
        system.waiting.append(delivery)
        return
    system.delivery_counts(delivery)["sent"] += 1
    session.deliver(delivery)


def post_waiting(system: System, *, insist: bool = False) -> None:
    """Send all that waits, oldest first; with `insist` also to binds that said "not now"."""
    waiting = list(system.waiting)
    system.waiting.clear()
    for delivery in waiting:
        if insist:
            delivery.refused_by = None
        post(system, delivery)


def answered(system: System, delivery: Delivery, session: Bind, status: int) -> None:
    """Count the answer to `delivery`; queue it again unless it was taken or refused for good."""
    counts = system.delivery_counts(delivery)
    if status == 0:
        counts["acknowledged"] += 1
    elif status in _FOR_GOOD:
        counts["rejected"] += 1
    else:
        counts["postponed"] += 1
        delivery.refused_by = session.number
        if _choose(system, delivery) is not None:
            post(system, delivery)
        else:
            system.waiting.append(delivery)
            _retry(system)


def _retry(system: System) -> None:
    """Plan one more try of all that waits, unless one is planned."""
    if system.retries:
        return
    system.retries = True

    def retry() -> None:
        system.retries = False
        post_waiting(system, insist=True)

    asyncio.get_running_loop().call_later(POSTPONED_SECONDS, retry)


def _choose(system: System, delivery: Delivery) -> Bind | None:
    """The bind that submitted the message if it may receive, else the others in turn."""
    able = [s for s in system.sessions if s.can_receive and s.number != delivery.refused_by]
    for session in able:
        if session.number == delivery.session:
            return session
    if not able:
        return None
    return min(able, key=lambda session: session.delivered)
