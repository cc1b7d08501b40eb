"""When the next submit_sm may be written."""

from __future__ import annotations

import pytest

from reconciler.launcher.lane.throughput import (
    CATCH_UP,
    FIRST_PAUSE,
    LONGEST_PAUSE,
    ThroughputLimit,
)


@pytest.mark.parametrize("throughput", [1, 50, 200, 1000])
@pytest.mark.parametrize("late", [0.0, 0.0004, 0.004])
def test_late_timers_do_not_slow_it_down_and_nothing_hurries_it(throughput, late) -> None:
    limit, now, written = ThroughputLimit(), 1000.0, 0
    while now < 1010.0:
        while limit.wait(now) <= 0:
            limit.written(now, throughput)
            written += 1
        now += limit.wait(now) + late

    assert written == pytest.approx(10 * throughput, rel=0.02, abs=1)


def test_what_a_busy_machine_has_cost_is_made_up_for_without_a_burst() -> None:
    limit, now, written = ThroughputLimit(), 1000.0, []
    while now < 1020.0:
        while limit.wait(now) <= 0:
            limit.written(now, 1000)
            written.append(now)
        is_busy = len(written) % 3000 == 0  # 60 ms now and then
        now += limit.wait(now) + (0.06 if is_busy else 0.0005)

    assert len(written) == pytest.approx(20_000, rel=0.003)
    for start in range(1000, 1020):
        assert sum(start <= each < start + 1 for each in written) <= 1000 * (1 + 2 * CATCH_UP)


def test_a_rest_is_no_leave_for_a_burst() -> None:
    limit = ThroughputLimit()
    limit.written(1000.0, 100)
    burst = 0
    while limit.wait(2000.0) <= 0:
        limit.written(2000.0, 100)
        burst += 1

    assert burst <= CATCH_UP * 100 + 1


def test_without_a_limit_nothing_waits() -> None:
    limit = ThroughputLimit()
    limit.written(1000.0, 0)

    assert limit.wait(1000.0) <= 0


def test_pauses_grow_until_something_is_accepted() -> None:
    limit, pauses = ThroughputLimit(), []
    now = 1000.0
    for _ in range(6):
        limit.throttled(now)
        limit.throttled(now)  # the others that were in flight say it too
        pauses.append(limit.wait(now))
        now += pauses[-1]
    limit.accepted()
    limit.throttled(now)

    assert pauses == [FIRST_PAUSE, 0.5, 1.0, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]
    assert limit.wait(now) == FIRST_PAUSE
