"""Processes that say that they live, and what is said of those that do not."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from orbit.operations import heartbeats, retention
from orbit.operations.heartbeats import (
    FORGOTTEN,
    LATE,
    DutyThread,
    HeartbeatThread,
    processes,
    queues,
)
from orbit.operations.models import Heartbeat

pytestmark = pytest.mark.django_db
QUEUES = [queue.name for queue in settings.CELERY_TASK_QUEUES]


@pytest.fixture(autouse=True)
def duties(monkeypatch) -> list:
    """Those of this site's apps have tests of their own."""
    monkeypatch.setattr(heartbeats, "_duties", [])
    monkeypatch.setattr(heartbeats, "close_old_connections", lambda: None)
    return heartbeats._duties


def alive(name: str, *queues: str, ago: timedelta = timedelta()) -> None:
    Heartbeat.objects.create(name=name, queues=list(queues), at=timezone.now() - ago)


def ailing() -> dict[str, str]:
    found = processes() | {f"queue.{name}": each for name, each in queues().items()}
    return {name: each.detail for name, each in found.items() if not each.is_well}


def test_a_site_without_workers_names_the_queues_without_one():
    assert ailing() == {
        **{f"queue.{name}": "no worker takes its tasks" for name in QUEUES},
        "beat": "it does not run: nothing is done by the clock",
    }


def test_all_is_well_while_all_say_that_they_live():
    alive("beat@here")
    HeartbeatThread("worker@here", QUEUES).beat()

    assert ailing() == {}


def test_a_killed_worker_is_named_and_so_are_its_queues():
    alive("beat@here")
    alive("worker@here", *QUEUES[1:])
    alive("sender@here", QUEUES[0], ago=LATE * 2)

    assert ailing() == {
        "sender@here": heartbeats.SILENT,
        f"queue.{QUEUES[0]}": "no worker takes its tasks",
    }
    assert not processes()["sender@here"].ok


def test_where_others_take_its_queues_the_site_is_degraded_not_down():
    alive("beat@here")
    alive("worker@here", *QUEUES)
    alive("worker@there", *QUEUES, ago=LATE * 2)
    dead = processes()["worker@there"]

    assert (dead.ok, dead.degraded) == (True, True)


def test_a_beat_that_moved_to_another_host_is_degraded_not_down():
    """As after a restore, or of a container that is made anew: there is one that beats."""
    alive("beat@here")
    alive("beat@there", ago=LATE * 2)
    moved = processes()["beat@there"]

    assert (moved.ok, moved.degraded) == (True, True)


def test_a_clock_that_was_set_back_keeps_no_dead_one_alive():
    alive("beat@here", ago=-timedelta(hours=1))

    assert ailing()["beat@here"] == heartbeats.SILENT


def test_a_process_that_ends_in_order_leaves_nothing_behind(monkeypatch):
    monkeypatch.setattr(heartbeats.connection, "close", lambda: None)
    thread = HeartbeatThread("worker@here", QUEUES)
    thread.beat()
    thread.end()

    assert not Heartbeat.objects.exists()


def test_a_process_that_ends_without_the_database_says_that_its_heartbeat_stays(
    monkeypatch, caplog
):
    def away(**_: object) -> None:
        raise DatabaseError("postgresql://orbit:s3cret@db/orbit")

    monkeypatch.setattr(heartbeats.connection, "close", lambda: None)
    thread = HeartbeatThread("worker@here", QUEUES)
    thread.beat()
    with monkeypatch.context() as patch:
        patch.setattr(Heartbeat.objects, "filter", away)
        thread.end()

    assert caplog.messages == ["the heartbeat stays: DatabaseError"]
    assert Heartbeat.objects.get().name == "worker@here"


def test_a_host_that_was_taken_away_is_forgotten_after_a_day():
    alive("worker@gone", *QUEUES, ago=FORGOTTEN + timedelta(minutes=1))

    assert "worker@gone" not in processes()
    assert retention.prune()["heartbeats"] == 1


def test_a_duty_that_fails_ends_no_heartbeat_and_is_logged_once(duties, caplog):
    calls = []

    def fail() -> None:
        calls.append(1)
        raise DatabaseError("away")

    duties.append(fail)
    thread = DutyThread()
    for _ in range(3):
        thread.beat()

    assert len(calls) == 3
    assert len(caplog.records) == 1


def test_a_duty_that_hangs_makes_no_process_look_dead(duties):
    """A gateway whose console is silent takes longer than a heartbeat may be late."""
    duties.append(lambda: pytest.fail("the heartbeat would wait for it"))
    HeartbeatThread("worker@here", QUEUES).beat()

    assert processes()["worker@here"].is_well


def test_a_heartbeat_that_is_under_way_does_not_outlive_its_process(monkeypatch):
    monkeypatch.setattr(heartbeats.connection, "close", lambda: None)
    begun, told = threading.Event(), []

    def slow(thread: HeartbeatThread) -> None:
        begun.set()
        thread._ended.wait(60)
        told.append("written")

    monkeypatch.setattr(HeartbeatThread, "work", slow)
    thread = HeartbeatThread("worker@here", QUEUES)
    thread.start()
    assert begun.wait(60)
    monkeypatch.setattr(Heartbeat.objects, "filter", lambda **_: told.append("deleted") or Rows())
    thread.end()

    assert told == ["written", "deleted"]


class Rows:
    def delete(self) -> None:
        """Nothing is there."""
