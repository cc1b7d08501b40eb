from __future__ import annotations

from datetime import UTC, datetime

import time_machine

from orbit.ids import first_id, new_id


def test_a_moment_sorts_between_the_ids_of_before_and_after_it():
    with time_machine.travel(datetime(2026, 3, 4, tzinfo=UTC), tick=False) as clock:
        before = new_id("msg")
        clock.shift(0.002)
        bound = first_id("msg", datetime.now(UTC))
        assert before < bound < new_id("msg")
