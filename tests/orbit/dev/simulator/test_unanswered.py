"""Deliveries that an ESME does not answer in time."""

from __future__ import annotations

import asyncio
from typing import Any

from orbit.dev.simulator.unanswered import Unanswered

SECONDS = 60


def test_each_is_given_up_at_its_time_and_what_was_answered_is_not():
    async def play() -> list[Any]:
        lost: list[Any] = []
        all_lost = asyncio.Event()

        def lose(delivery: Any) -> None:
            lost.append(delivery)
            if delivery == "last":
                all_lost.set()

        waiting = Unanswered(lose)
        for number, delivery in enumerate(("first", "answered", "second")):
            waiting.add(number, delivery, 0.01 * (number + 1))
        assert waiting.take(1) == "answered"
        assert waiting.take(1) is waiting.take(9) is None
        waiting.add(3, "last", 0.05)
        await asyncio.wait_for(all_lost.wait(), SECONDS)
        assert waiting.take_all() == []
        return lost

    assert asyncio.run(play()) == ["first", "second", "last"]


def test_those_of_a_session_that_ends_are_given_back_and_not_given_up():
    async def play() -> None:
        lost: list[Any] = []
        waiting = Unanswered(lost.append)
        waiting.add(1, "first", SECONDS)
        waiting.add(2, "second", SECONDS)
        assert waiting.take_all() == ["first", "second"]
        assert (waiting.take_all(), lost) == ([], [])

    asyncio.run(play())
