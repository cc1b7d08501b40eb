"""Workers die and tasks are lost: no test runs for ever, no credential stays blocked."""

from __future__ import annotations

import multiprocessing
import os
import signal
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connections
from django.utils import timezone

from messaging.carrier_tests import recovery, tasks, timeouts
from messaging.carrier_tests import run as runner
from messaging.carrier_tests.models import CarrierTest
from messaging.carrier_tests.transitions import claim, end, locked_test
from messaging.carrier_tests.via_direct import Recorder
from tests.messaging.carrier_tests.conftest import names, row, rows

LONG_AGO = timedelta(hours=1)


@pytest.fixture
def waiting(api) -> CarrierTest:
    return row(api.test(via="direct").json()["data"]["id"])


def lapse(test_id: str) -> None:
    """Its worker's time is over."""
    CarrierTest.objects.filter(pk=test_id).update(lease_until=timezone.now() - LONG_AGO)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("fault", "came_to"),
    [
        ("blackhole", "connect"),
        ("slow:60:on=submit", "bind"),
        ("no-receipt", "submit"),
    ],
)
def test_a_worker_killed_at_any_step_leaves_a_test_that_ends(
    api, system, smsc, settings, fault, came_to
):
    settings.CARRIER_TEST_STEP_TIMEOUT = settings.CARRIER_TEST_RECEIPT_TIMEOUT = 60
    system.faults = [fault]
    test_id = api.test(via="direct").json()["data"]["id"]
    worker = _worker(test_id)
    smsc.wait_for(lambda: came_to in [step["step"] for step in row(test_id).steps])
    os.kill(worker.pid, signal.SIGKILL)
    worker.join(10)
    assert worker.exitcode == -signal.SIGKILL
    running = row(test_id)
    assert running.finished_at is None
    assert running.lease_until < timezone.now() + timedelta(seconds=400)
    assert api.test(via="direct").status_code == 409
    lapse(test_id)
    test = api.read(test_id)
    assert (test["status"], test["error"]["cause"]) == ("failed", "worker_lost")
    assert came_to in test["error"]["message"]
    assert names(test)[-1] == came_to
    system.faults = []
    again = api.test(via="direct").json()["data"]["id"]
    runner.run(again)
    assert api.read(again)["status"] == "delivered"


def _worker(test_id: str) -> multiprocessing.Process:
    """A process that runs the test, with database connections of its own."""
    connections.close_all()

    def run() -> None:
        runner.run(test_id)

    process = multiprocessing.get_context("fork").Process(target=run, daemon=True)
    process.start()
    return process


def test_a_dead_test_does_not_block_the_next(api, waiting):
    claim(waiting.id, lease=-LONG_AGO)
    assert api.test(via="direct").status_code == 202
    assert row(waiting.id).cause == "worker_lost"


def test_the_list_tells_the_truth_without_beat(api, waiting):
    claim(waiting.id, lease=-LONG_AGO)
    listed = api.get(f"/{api.carrier.id}/tests?status=failed").json()["data"]
    assert [test["id"] for test in listed] == [waiting.id]


def test_a_test_that_nobody_takes_fails_and_sends_nothing_later(api, waiting, system):
    CarrierTest.objects.update(created_at=timezone.now() - timeouts.QUEUED - LONG_AGO)
    test = api.read(waiting.id)
    assert (test["status"], test["error"]["cause"]) == ("failed", "not_started")
    runner.run(waiting.id)
    assert system.bind_attempts == 0


def test_beat_starts_what_was_forgotten(waiting, monkeypatch):
    started = []
    task = SimpleNamespace(apply_async=lambda args, expires: started.append((args, expires)))
    monkeypatch.setattr(tasks, "run", task)
    tasks.sweep()
    assert started == []  # its task is on its way
    CarrierTest.objects.update(created_at=timezone.now() - recovery.QUEUED_TOO_LONG * 2)
    tasks.sweep()
    assert started == [((waiting.id,), 15)]
    assert row(waiting.id).status == "queued"


def test_beat_ends_what_is_overdue(waiting):
    claim(waiting.id, lease=-LONG_AGO)
    tasks.sweep()
    assert row(waiting.id).status == "failed"


def test_what_is_in_time_is_left_alone(waiting, api):
    claim(waiting.id, lease=LONG_AGO)
    tasks.sweep()
    assert api.read(waiting.id)["status"] == "running"


def test_a_test_that_had_ended_in_time_stays_as_it_was(waiting, monkeypatch):
    """The worker's last word came between the look and the lock."""
    claim(waiting.id, lease=-LONG_AGO)
    late = recovery._is_overdue

    def meanwhile(test: CarrierTest) -> bool:
        assert late(test)
        return False

    monkeypatch.setattr(recovery, "_is_overdue", meanwhile)
    recovery.end_overdue(rows())
    assert row(waiting.id).status == "running"


def test_a_worker_that_comes_back_after_its_time_stops(waiting, system, smsc, monkeypatch):
    """Paused for long, as laptops are: the test was ended meanwhile, so nothing is sent."""

    def pdu(self: Recorder, line: dict) -> None:
        if line["command"] == "bind_transceiver_resp":
            with locked_test(waiting.id) as test:
                end(test, "failed")

    monkeypatch.setattr(Recorder, "pdu", pdu)
    runner.run(waiting.id)
    assert system.submits == []
    assert row(waiting.id).status == "failed"
    smsc.wait_for(lambda: system.live_binds == 0)


@pytest.mark.parametrize("status", ["running", "queued"])
def test_a_test_never_goes_back(waiting, status):
    with locked_test(waiting.id) as test:
        test.status = "submitted"
    with pytest.raises(ValueError, match="does not go back"), locked_test(waiting.id) as test:
        test.status = status
    assert row(waiting.id).status == "submitted"


def test_the_lease_is_longer_than_any_run_can_take(settings):
    settings.CARRIER_TEST_STEP_TIMEOUT, settings.CARRIER_TEST_RECEIPT_TIMEOUT = 10, 30
    assert timeouts.worker_lease(1, None) == timedelta(seconds=5 + 30 + 10 + 30 + 2 + 15)
    assert timeouts.worker_lease(10, 1) == timedelta(seconds=5 + 30 + 100 + 9 + 30 + 2 + 15)
