from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta

import pytest

from orbit.schedules import Every

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def now() -> datetime:
    return NOW


@pytest.mark.parametrize(
    ("seconds_ago", "due"),
    [(30, True), (31, True), (29, False), (0, False), (-1, True), (-3600, True)],
)
def test_it_is_due_after_so_many_seconds_and_after_the_clock_was_set_back(
    seconds_ago: int, due: bool
) -> None:
    found = Every(30, nowfun=now).is_due(NOW - timedelta(seconds=seconds_ago))

    assert found.is_due is due
    assert 0 < found.next <= 30


def test_beat_keeps_it_in_its_file() -> None:
    kept = pickle.loads(pickle.dumps(Every(30)))

    assert isinstance(kept, Every)
    assert kept.seconds == 30
