"""When a gateway is started again, and when it is left alone; on a gateway of cardboard."""

from __future__ import annotations

import threading

import pytest

from orbit.dev.stack import StackError, supervisor
from orbit.dev.stack.supervisor import LONGEST_PAUSE, Supervisor, Watch
from tests.fixtures.clocks import give_clock


class Gateway:
    """A gateway that runs or not."""

    name = "main"

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.supervised = self.wanted = True
        self.running, self.starts = True, 0

    def is_running(self) -> bool:
        return self.running

    def start(self) -> None:
        self.starts += 1
        self.running = True


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    give_clock(monkeypatch, supervisor, monotonic=lambda: now[0])
    return now


def test_one_that_has_ended_is_started(gateway: Gateway) -> None:
    gateway.running = False
    Watch(gateway).check()
    assert (gateway.starts, gateway.running) == (1, True)


@pytest.mark.parametrize("state", ["supervised", "wanted"])
def test_one_that_is_not_ours_to_start_is_left_alone(gateway: Gateway, state: str) -> None:
    gateway.running = False
    setattr(gateway, state, False)
    Watch(gateway).check()
    assert gateway.starts == 0


def test_a_gateway_that_is_being_restarted_is_left_alone(gateway: Gateway) -> None:
    gateway.running = False
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with gateway.lock:
            held.set()
            done.wait()

    other = threading.Thread(target=hold)
    other.start()
    held.wait()
    Watch(gateway).check()
    done.set()
    other.join()
    assert gateway.starts == 0


def test_one_that_keeps_ending_is_tried_at_ever_longer_intervals(gateway, clock) -> None:
    watch, tries = Watch(gateway), []
    for _ in range(200):
        gateway.running = False
        before = gateway.starts
        watch.check()
        if gateway.starts > before:
            tries.append(clock[0])
        clock[0] += 1
    pauses = [later - earlier for earlier, later in zip(tries, tries[1:], strict=False)]
    assert pauses[:6] == [1, 2, 4, 8, 16, LONGEST_PAUSE]


def test_after_a_healthy_look_the_next_end_is_answered_soon(gateway, clock) -> None:
    watch = Watch(gateway)
    for _ in range(4):
        gateway.running = False
        watch.check()
        clock[0] += 60
        watch.check()
    gateway.running = False
    watch.check()
    assert gateway.starts == 5


def test_a_gateway_that_fails_to_start_does_not_end_the_supervisor(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("orbit.dev.stack.supervisor.INTERVAL", 0.001)
    monkeypatch.setattr("orbit.dev.stack.supervisor.LONGEST_PAUSE", 0.001)
    tried = threading.Semaphore(0)

    def fail() -> None:
        tried.release()
        raise StackError("no such luck")

    gateway.running, gateway.start = False, fail
    supervisor = Supervisor([gateway])
    supervisor.start()
    assert tried.acquire(timeout=10)
    assert tried.acquire(timeout=10)
    supervisor.stop()
    supervisor.join()
    assert "Gateway main: no such luck" in caplog.text
