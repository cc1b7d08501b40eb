"""Whatever becomes of the parent or of the guard, no child is left behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from orbit.dev.stack import StackError
from orbit.dev.stack.processes import Guard, Process, poll

# A parent with two kinds of children: a plain one, and one whose own child is in another session.
PARENT = """
import os, signal, sys
from pathlib import Path
from orbit.dev.stack.processes import Guard

root = Path(sys.argv[1])
guard = Guard(root, keep_open=os.open(root, os.O_RDONLY))
for script in ("exec sleep 300", "setsid sleep 300 & wait"):
    guard.spawn(["sh", "-c", script], env={"ROOT": str(root)}, cwd=root, log=root / "log")
print(guard.pid, flush=True)
"""
WAITS = "signal.pause()"
FORKS = """
fork = os.fork()
if fork:
    print(fork, flush=True)
signal.pause()
"""

Sleep = Callable[..., Process]


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[Guard]:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    guard = Guard(tmp_path, keep_open=descriptor)
    os.close(descriptor)
    yield guard
    guard.stop()


@pytest.fixture
def shell(guard: Guard, tmp_path: Path) -> Sleep:
    def spawn(script: str, **options) -> Process:
        environment = {"GREETING": "hello"}
        log = tmp_path / "log"
        return guard.spawn(["sh", "-c", script], env=environment, cwd=tmp_path, log=log, **options)

    return spawn


def test_children_end_with_a_killed_parent(root: Path, run_parent, processes) -> None:
    parent = run_parent(PARENT + WAITS, root)
    parent.stdout.readline()
    assert poll(lambda: len(processes()) == 5, timeout=60), processes()
    parent.kill()
    parent.wait()
    assert poll(lambda: not processes(), timeout=60), processes()


def test_a_fork_of_the_parent_does_not_keep_them_alive(root: Path, run_parent, processes) -> None:
    parent = run_parent(PARENT + FORKS, root)
    parent.stdout.readline()
    fork = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    try:
        assert poll(lambda: len(processes()) == 1, timeout=60), processes()
        assert psutil.pid_exists(fork)
    finally:
        os.kill(fork, signal.SIGKILL)


def test_servers_end_with_a_killed_guard(root: Path, run_parent, processes) -> None:
    program = PARENT.replace(', "setsid sleep 300 & wait"', ",") + WAITS
    parent = run_parent(program, root)
    guard = int(parent.stdout.readline())
    assert len(processes()) == 3
    os.kill(guard, signal.SIGKILL)
    assert poll(lambda: len(processes()) == 1, timeout=60), processes()


def test_a_guard_that_is_told_to_end_takes_everything_along(root, run_parent, processes) -> None:
    parent = run_parent(PARENT + WAITS, root)
    os.kill(int(parent.stdout.readline()), signal.SIGTERM)
    assert poll(lambda: len(processes()) == 1, timeout=60), processes()


def test_a_child_gets_the_environment_given_and_nothing_else(shell: Sleep, tmp_path: Path) -> None:
    process = shell("env; echo to stderr >&2")
    assert poll(lambda: process.status() is not None, timeout=60)
    lines = (tmp_path / "log").read_text().splitlines()
    assert "GREETING=hello" in lines
    assert "to stderr" in lines
    assert not [line for line in lines if line.startswith(("HOME=", "SECRET_KEY="))]
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


def test_status_is_none_then_the_exit_status_or_the_signal(shell: Sleep) -> None:
    ended, running = shell("exit 7"), shell("exec sleep 300")
    assert poll(lambda: ended.status() is not None, timeout=60)
    assert ended.status() == 7
    assert running.status() is None
    running.kill()
    assert running.status() == -signal.SIGKILL


def test_stop_sends_the_signal_of_its_own(shell: Sleep) -> None:
    process = shell("exec sleep 300", stop=signal.SIGINT)
    process.stop(timeout=10)
    assert process.status() == -signal.SIGINT


def test_who_ignores_the_signal_is_killed(guard: Guard, shell: Sleep, tmp_path: Path) -> None:
    deaf = [shell("trap '' TERM; echo deaf; while :; do sleep 300; done") for _ in range(2)]
    assert poll(lambda: (tmp_path / "log").read_text() == "deaf\ndeaf\n", timeout=60)
    deaf[0].stop(timeout=0.1)
    assert deaf[0].status() == -signal.SIGKILL
    guard.stop()
    assert not psutil.pid_exists(deaf[1].pid)


def test_a_signal_to_a_child_that_has_ended_reaches_no_process(shell: Sleep) -> None:
    process = shell("exit 0")
    assert poll(lambda: process.status() is not None, timeout=60)
    process.kill()
    process.stop(timeout=1)
    assert process.status() == 0


def test_a_program_that_does_not_exist_is_one_line(guard: Guard, tmp_path: Path) -> None:
    with pytest.raises(StackError, match="/no/such/program: .*No such file"):
        guard.spawn(["/no/such/program"], env={}, cwd=tmp_path, log=tmp_path / "log")


def test_folders_go_when_everything_has_stopped(guard: Guard, shell: Sleep, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    guard.remove_at_end(folder)
    process = shell("exec sleep 300")
    assert folder.exists()
    guard.stop()
    assert not folder.exists()
    assert not process.is_running()


def test_a_file_goes_too_and_one_that_is_gone_already_hinders_nothing(
    guard: Guard, tmp_path: Path
) -> None:
    file, folder = tmp_path / "demo.json", tmp_path / "data"
    file.touch()
    folder.mkdir()
    for path in (tmp_path / "gone", file, folder):
        guard.remove_at_end(path)
    guard.stop()
    assert not file.exists()
    assert not folder.exists()


def test_after_the_end_every_question_is_answered_with_an_error(guard: Guard, shell: Sleep) -> None:
    process = shell("exec sleep 300")
    guard.stop()
    guard.stop()
    with pytest.raises(StackError):
        process.status()
    assert not process.is_running()
