"""Whole stacks of a test's own, started and ended in every way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from orbit.dev.stack import Stack, StackError
from orbit.dev.stack.jasmin import PROJECT
from orbit.dev.stack.processes import poll

pytestmark = pytest.mark.stack

PARENT = """
import json, signal, sys
from pathlib import Path
from orbit.dev.stack import Stack

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
with Stack(Path(sys.argv[1]), gateways=("one", "two"), fast=True) as stack:
    greetings = [gateway.is_running() for gateway in stack.gateways.values()]
    print(json.dumps({"guard": stack._guard.pid, "running": greetings}), flush=True)
    signal.pause()
"""
SERVERS = ("redis-server", "postgres", "jasmin-venv")


def running_servers(command_lines: list[str]) -> set[str]:
    return {name for name in SERVERS for line in command_lines if name in line}


def wait_for_stack(parent: subprocess.Popen[str]) -> dict:
    return json.loads(parent.stdout.readline())


def test_two_gateways_run_side_by_side_and_all_ends_with_a_killed_parent(
    root: Path, run_parent, processes
) -> None:
    parent = run_parent(PARENT, root)
    assert wait_for_stack(parent)["running"] == [True, True]
    assert running_servers(processes()) == set(SERVERS)
    parent.kill()
    parent.wait()
    assert poll(lambda: not processes(), timeout=60), processes()


def test_all_servers_end_with_a_killed_guard(root: Path, run_parent, processes) -> None:
    parent = run_parent(PARENT, root)
    os.kill(wait_for_stack(parent)["guard"], signal.SIGKILL)
    assert poll(lambda: len(processes()) == 1, timeout=60), processes()
    assert parent.poll() is None


def test_an_interrupt_ends_everything_in_order(root: Path, run_parent, processes) -> None:
    program = PARENT.replace('("one", "two")', "()")
    parent = run_parent(program, root)
    wait_for_stack(parent)
    parent.send_signal(signal.SIGINT)
    assert parent.wait(timeout=60) != 0
    assert not processes()


def test_data_and_passwords_are_there_at_the_next_start_and_one_stack_has_the_folder(
    root: Path,
) -> None:
    with Stack(root, gateways=()) as stack:
        with psycopg.connect(stack.database_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (word text)")
        with pytest.raises(StackError, match="another stack is running in"):
            second_stack(root)
        first = stack.environ()
    with Stack(root, gateways=()) as stack:
        with psycopg.connect(stack.database_url) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        assert passwords(stack.environ()) == passwords(first)


def test_a_fresh_one_has_the_passwords_and_nothing_else(root: Path) -> None:
    with Stack(root, gateways=()) as stack:
        with psycopg.connect(stack.database_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE forgotten (word text)")
        first = stack.environ()
    ready: dict[str, float] = {}
    stack = Stack(root, gateways=(), fresh=True)
    assert not (root / "logs" / "postgres.log").exists()
    try:
        stack.start(ready=ready.__setitem__)
        with psycopg.connect(stack.database_url) as connection:
            assert connection.execute("SELECT to_regclass('forgotten')").fetchone() == (None,)
        assert passwords(stack.environ()) == passwords(first)
        assert ready.keys() == {"postgres", "redis"}
        assert all(seconds > 0 for seconds in ready.values())
    finally:
        stack.stop()


def test_what_is_raised_when_a_server_is_ready_ends_the_start(root: Path, processes) -> None:
    def ready(name: str, _seconds: float) -> None:
        raise StackError(f"no use for {name}")

    with pytest.raises(StackError, match="no use for redis"):
        Stack(root, gateways=(), postgres=False).start(ready=ready)
    assert not processes()


def second_stack(root: Path) -> None:
    """In a process of its own, since a lock is a process's as far as it is ours."""
    outcome = subprocess.run(
        [sys.executable, "-c", SECOND, str(root)], cwd=PROJECT, capture_output=True, text=True
    )
    raise StackError(outcome.stderr.splitlines()[-1])


SECOND = """
import sys
from pathlib import Path
from orbit.dev.stack import Stack, files

files.lock_folder.__kwdefaults__["timeout"] = 0.1
Stack(Path(sys.argv[1]))
"""


def passwords(environment: dict[str, str]) -> list[str]:
    return [url.split(":")[2].split("@")[0] for url in environment.values()]


def test_a_folder_out_of_reach_for_postgres_moves_its_data_and_cleans_up(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    before = leftovers()
    with Stack(tmp_path / "a b", gateways=(), keep=False) as stack:
        with psycopg.connect(stack.database_url) as connection:
            encoding = connection.execute("SHOW server_encoding").fetchone()
        assert encoding == ("UTF8",)
    assert leftovers() == before
    assert not (tmp_path / "a b").exists()


def leftovers() -> set[Path]:
    return set(Path("/tmp").glob("orbit-postgres-*"))


def test_a_server_that_can_not_start_is_one_line_and_takes_the_others_along(
    root: Path, processes: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orbit.dev.stack.redis.CONFIGURATION", "no such option\n")
    with pytest.raises(StackError) as error, Stack(root, gateways=()):
        pass
    assert "redis ended with status 1: " in str(error.value)
    assert str(root / "logs" / "redis.log") in str(error.value)
    assert "\n" not in str(error.value)
    assert not processes()


def test_a_program_of_our_own_ends_with_the_stack(root: Path, processes) -> None:
    with Stack(root, gateways=(), postgres=False) as stack:
        assert list(stack.environ()) == ["REDIS_URL"]
        process = stack.spawn("web", ["sleep", "300"], env={"PATH": os.environ["PATH"]})
        assert process.is_running()
        assert redis.Redis.from_url(stack.redis_url).ping()
    assert not process.is_running()
    assert not processes()
