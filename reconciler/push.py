"""A push: a pass of one organisation right after a commit, and more until its binds are up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import cache

from messaging import enqueue
from reconciler import budgets, diagnosis_rounds, placements, runs
from reconciler.models import Gateway
from reconciler.result import Ending
from reconciler.status import credential_status

TASK, PASS = "reconciler.tasks.push", "reconciler.tasks.reconcile_gateway"
MOVES = "moves"  # a trigger: organisations come to a gateway, or leave one
DEBOUNCE = 15  # seconds that one queued push stands for; `run` ends that when its pass begins
EXPIRES = 25  # seconds; after that, a beat has done its work
# Further passes while started binds are not up yet: seconds after the push, one after another.
FOLLOW_UPS = (1.2, 3.0, 8.0)
TURN = 0.5  # seconds until a push looks again whether the one before it has ended
LONGEST = 30  # seconds that a push whose worker died keeps the next one back


def mark(organization_id: str) -> str:
    """Return the cache key that says: a push of this organisation is queued and has not started."""
    return f"push:{organization_id}"


def queue(organization_id: str) -> None:
    """Queue one push for a burst of commits of an organisation."""
    enqueue.send_once(mark(organization_id), DEBOUNCE, TASK, organization_id, expires=EXPIRES)


def go_on(organization_ids: Iterable[str]) -> None:
    """Queue a push for what passes have put off: behind those of others, and once, as for commits.

    As a follow-up: the binds of all portions are looked at, not only those of the last.
    """
    for each in organization_ids:
        enqueue.send_once(mark(each), DEBOUNCE, TASK, each, 1, expires=EXPIRES)


@dataclass(frozen=True)
class Next:
    """The push that has to follow: in so many seconds, as this follow-up."""

    seconds: float
    follow_up: int


def run(organization_id: str, follow_up: int, *, wait: float) -> Next | None:
    """Run the pass; return the push that has to follow, None if none has.

    `follow_up`: how many came before it. `wait`: seconds to wait for a pass that is running.
    One push of an organisation runs at a time, so that many do not take a worker each to wait for
    the same lock; and those beyond its budgets are left to beat.
    """
    running = f"pushing:{organization_id}"
    if not cache.add(running, 1, LONGEST):
        return Next(TURN, follow_up)
    try:
        return _run(organization_id, follow_up, wait)
    finally:
        cache.delete(running)


def _run(organization_id: str, follow_up: int, wait: float) -> Next | None:
    def begun() -> None:
        """Remove the mark: later commits queue a push of their own. Earlier ones share this push,
        so that they do not take a worker each to wait for the lock."""
        cache.delete(mark(organization_id))

    gateway = placements.place(organization_id)
    over_budget = budgets.charge_pass(organization_id) or (
        not follow_up and budgets.spend_push(organization_id)
    )
    if gateway is None or not gateway.enabled or over_budget:
        begun()
        return None
    old = placements.leaving(organization_id)
    result = runs.run(
        gateway,
        organization_id=organization_id,
        trigger="push",
        wait=wait,
        begun=begun,
        diagnose=diagnosis_rounds.queue,
    )
    is_down = credential_status.has_bind_down(organization_id)
    budgets.charge_pass(organization_id, result.held, is_down=is_down)
    if result.ending is Ending.BUSY:
        begun()
    if result.left:
        go_on(result.left)
        return None
    if old is not None:
        return _go_on_moving(organization_id, old, follow_up)
    unfinished = result.settling or result.ending is Ending.BUSY or follow_up
    if not unfinished or follow_up >= len(FOLLOW_UPS):
        return None
    if not credential_status.is_settling(organization_id):
        return None
    return Next(FOLLOW_UPS[follow_up], follow_up + 1)


def _go_on_moving(organization_id: str, old: Gateway, follow_up: int) -> Next | None:
    """The push that follows one of an organisation that has moved, or still waits for its binds."""
    if placements.leaving(organization_id) is None:
        # Off the old one, which takes a whole pass; then what has waited for that comes up.
        enqueue.send(PASS, old.pk, MOVES, expires=EXPIRES)
        follow_up = 0
    if follow_up >= len(FOLLOW_UPS):
        return None
    return Next(FOLLOW_UPS[follow_up], follow_up + 1)
