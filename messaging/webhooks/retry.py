"""When a delivery that failed is attempted again, and when it is given up."""

from __future__ import annotations

from datetime import timedelta

from messaging.webhooks.models import TEST_EVENT

# After the attempt at once; then the delivery is dead.
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
)


def pause_after(attempts: int, event_type: str) -> timedelta | None:
    """Time until the next attempt, once so many have failed; None: the delivery is given up.

    A test is attempted once: the person who asked for it looks at it now.
    """
    if event_type == TEST_EVENT or attempts > len(PAUSES):
        return None
    return PAUSES[attempts - 1]
