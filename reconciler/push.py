"""A push: a pass of one organisation right after a commit, and more until its binds are up."""

from __future__ import annotations

from django.core.cache import cache

from reconciler import placements, runs
from reconciler.result import Ending
from reconciler.status import credential_status

DEBOUNCE = 15  # seconds that one queued push stands for; `run` ends that when its pass begins
EXPIRES = 25  # seconds; after that, a beat has done its work
# Further passes while started binds are not up yet: seconds after the push, one after another.
FOLLOW_UPS = (1.2, 3.0, 8.0)


def mark(organization_id: str) -> str:
    """Return the cache key that says: a push of this organisation is queued and has not started."""
    return f"push:{organization_id}"


def run(organization_id: str, follow_up: int, *, wait: float) -> float | None:
    """Run the pass; return the seconds until the next is needed, None if none is.

    `follow_up`: how many came before it. `wait`: seconds to wait for a pass that is running.
    """

    def begun() -> None:
        """Remove the mark: later commits queue a push of their own. Earlier ones share this push,
        so that they do not take a worker each to wait for the lock."""
        cache.delete(mark(organization_id))

    gateway = placements.place(organization_id)
    if gateway is None or not gateway.enabled:
        begun()
        return None
    result = runs.run(
        gateway, organization_id=organization_id, trigger="push", wait=wait, begun=begun
    )
    if result.ending is Ending.BUSY:
        begun()
    unfinished = result.settling or result.ending is Ending.BUSY or follow_up
    if not unfinished or follow_up >= len(FOLLOW_UPS):
        return None
    return FOLLOW_UPS[follow_up] if credential_status.is_settling(organization_id) else None
