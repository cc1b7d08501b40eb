"""Waiting for what other processes do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
LONG = 40.0  # seconds, for a machine that has other things to do


def eventually(look: Callable[[], T], *, timeout: float = LONG) -> T:
    """What `look` returns once that is true; fails with what it returned last."""
    deadline = time.monotonic() + timeout
    while not (seen := look()):
        assert time.monotonic() < deadline, f"not so within {timeout:g} s, but {seen!r}"
        time.sleep(0.03)
    return seen


def becomes(look: Callable[[], T], wanted: T, *, timeout: float = LONG) -> None:
    """Waits until `look` returns `wanted`; fails with the difference."""
    deadline = time.monotonic() + timeout
    while (seen := look()) != wanted and time.monotonic() < deadline:
        time.sleep(0.03)
    assert seen == wanted
