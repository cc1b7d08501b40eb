"""What a step promises, and what happens when it is not so."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 30.0  # seconds until "it does not come" is the answer
PAUSE = 0.03  # seconds between two looks


class Failed(Exception):
    """A step does not do what it says; the text is for people, and holds no secret."""


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
    """Looks again and again until the condition holds; returns what it saw then.

    Raises Failed, naming `what` was waited for.
    """
    deadline = time.monotonic() + timeout
    while not condition(seen := look()):
        if time.monotonic() > deadline:
            raise Failed(f"{what}: not within {timeout:.0f} s")
        time.sleep(PAUSE)
    return seen
