"""What is to happen later, with one timer of the loop for all that waits equally long."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

# The loop wakes up to a millisecond late: so much earlier it is asked, and the mean is right.
_EARLY = 0.0005


class Later:
    """Runs calls after some seconds, in the order in which they were asked for. Nothing is ever
    cancelled: a call looks whether it is still wanted."""

    def __init__(self) -> None:
        self._lines: dict[float, deque[tuple[float, Callable[..., object], tuple[Any, ...]]]] = {}

    def run(self, seconds: float, call: Callable[..., object], *args: Any) -> None:
        loop = asyncio.get_running_loop()
        line = self._lines.get(seconds)
        if line is None:
            line = self._lines[seconds] = deque()
            loop.call_later(seconds - _EARLY, self._due, seconds)
        line.append((loop.time() + seconds, call, args))

    def _due(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        line = self._lines[seconds]
        until = loop.time() + _EARLY
        while line and line[0][0] <= until:
            _, call, args = line.popleft()
            call(*args)
        if line:
            loop.call_at(line[0][0] - _EARLY, self._due, seconds)
        else:
            del self._lines[seconds]
