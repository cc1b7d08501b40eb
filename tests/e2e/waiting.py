"""Waiting for what other processes do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")
LONG = 90.0  # seconds, for a machine that has other things to do


def eventually(look: Callable[[], T], *, timeout: float = LONG) -> T:
    """What `look` returns once that is true; fails with what it returned last."""
    for seen in _looks(look, timeout):
        if seen:
            return seen
    raise AssertionError(f"not so within {timeout:g} s, but {seen!r}")


def becomes(look: Callable[[], T], wanted: T, *, timeout: float = LONG) -> None:
    """Waits until `look` returns `wanted`; fails with the difference."""
    for seen in _looks(look, timeout):
        if seen == wanted:
            return
    raise AssertionError(f"not {wanted!r} within {timeout:g} s, but {seen!r}")


def _looks(look: Callable[[], T], timeout: float) -> Iterator[T]:
    """What `look` returns, again and again, at least once and once after `timeout`. The longer it
    takes the more seldom: those who look take the time of those whom they wait for."""
    begun = time.monotonic()
    yield look()
    while (waited := time.monotonic() - begun) < timeout:
        time.sleep(min(0.3, max(0.03, waited / 10)))
        yield look()
