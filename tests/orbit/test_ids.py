from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from orbit.ids import APART, first_id, new_id, surely_after, surely_before

# RFC 9562, appendix A.6
EXAMPLE, MOMENT = "017f22e279b07cc398c4dc0c0c07398f", datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
NOW = datetime(2096, 3, 8, 12, tzinfo=UTC)  # after every id that this process has made


def test_a_moment_sorts_between_the_ids_of_before_and_after_it():
    assert first_id("msg", MOMENT) < f"msg_{EXAMPLE}"
    assert f"msg_{EXAMPLE}" < first_id("msg", MOMENT + timedelta(milliseconds=1))


def test_ids_are_uuids_of_version_7_in_their_order():
    made = [new_id("msg") for _ in range(10_000)]
    assert made == sorted(set(made))
    for each in made[:100]:
        found = uuid.UUID(each.removeprefix("msg_"))
        assert (found.version, found.variant) == (7, uuid.RFC_4122)


def test_many_ids_at_once_do_not_run_ahead_of_the_clock():
    with time_machine.travel(NOW, tick=False):
        made = [new_id("msg") for _ in range(3000)]
    assert first_id("msg", NOW) < made[0]
    assert made[-1] < first_id("msg", NOW + timedelta(milliseconds=1))


@pytest.mark.parametrize("back", [timedelta(seconds=30), timedelta(hours=1)])
def test_ids_stay_near_a_clock_that_is_set_back(back):
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        before = new_id("msg")
    now = NOW + timedelta(hours=2) - back
    with time_machine.travel(now, tick=False):
        after = new_id("msg")
    assert (after > before) is (back < APART)
    assert surely_before("msg", now) < after < surely_after("msg", now + timedelta(milliseconds=1))


def test_moments_beyond_what_an_id_can_say_are_its_ends():
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
    assert surely_before("msg", first) == f"msg_{'0' * 12}"
    assert surely_before("msg", first) < f"msg_{EXAMPLE}" < surely_after("msg", last)
