"""A process that feeds a campaign and is killed -9 at a named point; `test_killed.py` starts it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from messaging import bulk
from messaging.campaigns import sending
from messaging.messages.dispatch import enqueue

# Where it dies: at the end of this function.
POINTS: dict[str, tuple[Any, str]] = {
    "read": (sending, "_next"),
    "made": (bulk, "insert"),
    "counted": (sending, "_count"),
    "committed": (enqueue, "wake"),
}


def main(campaign_id: str, point: str) -> None:
    owner, name = POINTS[point]
    setattr(owner, name, _deadly(getattr(owner, name)))
    sending.feed(campaign_id)


def _deadly(function: Callable[..., Any]) -> Callable[..., Any]:
    def last(*args: Any, **options: Any) -> None:
        function(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    return last
