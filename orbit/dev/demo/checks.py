"""Checks of a step: they raise Failed when the step did not do what it says."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 30.0  # seconds until a wait has failed
PAUSE = 0.03  # seconds between two polls


class Failed(Exception):
    """A step did not do what it says. The text is for people and holds no secret."""


def check(condition: object, otherwise: str) -> None:
    """Raises Failed with `otherwise` unless the condition holds."""
    if not condition:
        raise Failed(otherwise)


def wait_for(
    look: Callable[[], T],
    condition: Callable[[T], object],
    what: str,
    *,
    timeout: float = PATIENCE,
) -> T:
    """Poll `look` until the condition holds for what it returns, and return that.

    Raises Failed, naming `what` was waited for.
    """
    deadline = time.monotonic() + timeout
    while not condition(seen := look()):
        if time.monotonic() > deadline:
            raise Failed(f"{what}: not within {timeout:.0f} s")
        time.sleep(PAUSE)
    return seen
