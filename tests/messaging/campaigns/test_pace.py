from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from messaging.campaigns import pace

NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)
beats = st.lists(st.floats(0.01, 10), min_size=1, max_size=50)


@given(st.integers(1, 1000), beats)
def test_never_more_than_the_throughput_since_the_start(throughput, waits):
    now = paced_at = NOON
    made = 0
    for seconds in waits:
        now += timedelta(seconds=seconds)
        count = pace.due(throughput, paced_at, now)
        paced_at = pace.after(throughput, paced_at, now, count)
        made += count
        assert count <= 2 * throughput
        assert made <= throughput * (now - NOON).total_seconds() + 0.01


@given(st.integers(1, 1000))
def test_a_steady_beat_loses_nothing(throughput):
    now = paced_at = NOON
    made = 0
    for _ in range(30):
        now += timedelta(seconds=1)
        count = pace.due(throughput, paced_at, now)
        paced_at = pace.after(throughput, paced_at, now, count)
        made += count
    assert abs(made - 30 * throughput) <= 1


def test_two_seconds_of_messages_may_wait_and_never_fewer_than_a_hundred():
    assert pace.ahead(1) == 100
    assert pace.ahead(100) == 200
    assert pace.ahead(None) == 2000


def test_a_clock_that_was_set_back_holds_up_no_campaign():
    back = NOON - timedelta(hours=1)

    assert pace.due(10, NOON, back) == 20  # as after any pause
    assert pace.after(10, NOON, back, 20) == back
