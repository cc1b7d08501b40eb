"""Deliveries of a session that wait for their answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from orbit.dev.simulator.deliveries import Delivery


class Unanswered:
    """By sequence, oldest first; `lost` is called for one whose answer did not come in time. One
    timer looks after all of them."""

    def __init__(self, lost: Callable[[Delivery], None]) -> None:
        self._lost = lost
        self._waiting: dict[int, tuple[Delivery, float]] = {}
        self._watched = False

    def add(self, sequence: int, delivery: Delivery, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        self._waiting[sequence] = (delivery, until)
        if not self._watched:
            self._watched = True
            loop.call_at(until, self._give_up)

    def take(self, sequence: int) -> Delivery | None:
        """The one that is answered; None for an answer to nothing."""
        found = self._waiting.pop(sequence, None)
        return found[0] if found else None

    def take_all(self) -> list[Delivery]:
        waiting, self._waiting = self._waiting, {}
        return [delivery for delivery, _ in waiting.values()]

    def _give_up(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        while self._waiting:
            sequence, (delivery, until) = next(iter(self._waiting.items()))
            if until > now:
                loop.call_at(until, self._give_up)
                return
            del self._waiting[sequence]
            self._lost(delivery)
        self._watched = False
