from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from celery import Celery

from orbit import schedules
from orbit.schedules import Every, StepAwareScheduler
from tests.fixtures.clocks import give_clock

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


@pytest.fixture
def scheduler(tmp_path: Path) -> StepAwareScheduler:
    """One task every ten seconds; what it sends is in `sent`."""
    app = Celery("beat of a test", broker="memory://", set_as_current=False)
    app.conf.beat_schedule = {"sweep": {"task": "sweep", "schedule": Every(10, app=app)}}
    made = StepAwareScheduler(app, schedule_filename=str(tmp_path / "schedule"))
    made.sent = []
    made.apply_async = lambda entry, **_: made.sent.append(entry.name)
    yield made
    made.close()


def tick_at(scheduler: StepAwareScheduler, seconds: float, monotonic: float) -> float:
    """Tick twice: the second says how long nothing is due. Both clocks stand at these seconds."""
    with pytest.MonkeyPatch.context() as patch:
        give_clock(patch, schedules, monotonic=lambda: monotonic)
        with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
            scheduler.tick()
            return scheduler.tick()


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_beat_goes_on_when_the_clock_is_set(scheduler: StepAwareScheduler, hours: int) -> None:
    tick_at(scheduler, 0, monotonic=100)
    sent = len(scheduler.sent)

    wait = tick_at(scheduler, 12 + 3600 * hours, monotonic=112)

    assert len(scheduler.sent) == sent + 1
    assert 0 < wait <= 10


def test_beat_asks_no_entry_anew_when_the_clock_is_adjusted(scheduler: StepAwareScheduler) -> None:
    tick_at(scheduler, 0, monotonic=100)
    heap = scheduler._heap

    tick_at(scheduler, 3.5, monotonic=104)

    assert scheduler._heap is heap
