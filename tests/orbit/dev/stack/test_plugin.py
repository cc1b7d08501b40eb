"""Which servers a run of pytest gets (tests/fixtures/stack.py), in runs of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from orbit.dev.stack import Stack
from orbit.dev.stack.jasmin import PROJECT
from orbit.dev.stack.processes import poll

INI = """
[pytest]
addopts = -p xdist.plugin -p tests.fixtures.environment -p tests.fixtures.stack -p no:cacheprovider
pythonpath = {project}
markers = stack
"""
TESTS = """
import os
import pytest

def test_plain(pytestconfig):
    pass

@pytest.mark.stack
def test_marked(stack):
    pass

def teardown_module():
    from tests.fixtures.stack import servers
    print("URLS", *(os.environ[name].split(":")[0] for name in ("DATABASE_URL", "REDIS_URL")))
    every = servers.stack._servers(gateways=True) if servers.stack else []
    print("RUNNING", *(server.name for server in every if server.is_running()))
"""
Outcome = subprocess.CompletedProcess[str]


@pytest.fixture
def run_pytest(tmp_path: Path) -> Callable[..., Outcome]:
    (tmp_path / "pytest.ini").write_text(INI.format(project=PROJECT))
    (tmp_path / "test_it.py").write_text(TESTS)

    def run(*arguments: str, **environment: str) -> Outcome:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        inherited["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # Django's, and what takes long to load
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-s", *arguments],
            cwd=tmp_path,
            env={**inherited, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    return run


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [(("-m", "not stack"), {}), (("-k", "plain"), {"ORBIT_TEST_STACK": "0"})],
)
def test_a_run_without_servers_is_on_sqlite_whatever_the_shell_says(
    run_pytest, arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    production = {"DATABASE_URL": "postgres://db.example/live", "REDIS_URL": "redis://r.example"}
    outcome = run_pytest(*arguments, **environment, **production)
    assert "1 passed" in outcome.stdout
    assert "URLS sqlite \n" in outcome.stdout
    assert "RUNNING\n" in outcome.stdout


def test_a_test_that_needs_servers_says_so_in_a_run_without(run_pytest) -> None:
    outcome = run_pytest(ORBIT_TEST_STACK="0")
    assert "1 passed, 1 error" in outcome.stdout
    assert "no servers in this run" in outcome.stdout


def test_collecting_starts_nothing(run_pytest) -> None:
    outcome = run_pytest("--collect-only", ORBIT_TEST_STACK="1")
    assert "2 tests collected" in outcome.stdout


@pytest.mark.stack
def test_servers_that_can_not_start_are_one_line(run_pytest, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "from orbit.dev.stack import redis\nredis.PATH = '/nowhere'\n"
    )
    outcome = run_pytest()
    line = "no servers for the tests: redis-server is not installed: run `make setup`"
    assert line in outcome.stdout
    assert "Traceback" not in outcome.stdout + outcome.stderr
    assert outcome.returncode == 3


@pytest.mark.stack
def test_tests_without_the_mark_get_django_s_two_servers(run_pytest) -> None:
    outcome = run_pytest("-k", "plain")
    assert "1 passed" in outcome.stdout
    assert "URLS postgres redis" in outcome.stdout
    assert "RUNNING postgres redis\n" in outcome.stdout


WORKERS = """
import json, os, signal
from pathlib import Path

import pytest
from tests.fixtures.stack import servers

NAMES = ("DATABASE_URL", "REDIS_URL", "STATE_DIR")

@pytest.mark.parametrize("turn", range(8))
def test_says_who_it_is_and_dies(turn):
    known = {name: os.environ[name] for name in NAMES}
    known["pids"] = [each.pid for each in servers.stack._servers(gateways=False)]
    Path(os.environ["PYTEST_XDIST_WORKER"] + ".json").write_text(json.dumps(known))
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def run_workers(run_pytest, tmp_path: Path) -> Callable[[], tuple[Outcome, list[dict]]]:
    """Two workers, which crash; what each has said of its servers."""
    (tmp_path / "test_it.py").write_text(WORKERS)

    def run() -> tuple[Outcome, list[dict]]:
        outcome = run_pytest("-n", "2", "--max-worker-restart=0")
        return outcome, [json.loads(each.read_text()) for each in tmp_path.glob("gw*.json")]

    return run


@pytest.mark.stack
def test_workers_share_postgres_alone_and_one_that_crashes_leaves_no_server(run_workers) -> None:
    outcome, (one, other) = run_workers()
    assert "crashed" in outcome.stdout
    assert one["DATABASE_URL"] == other["DATABASE_URL"]
    assert one["REDIS_URL"] != other["REDIS_URL"]
    assert one["STATE_DIR"] != other["STATE_DIR"]
    pids = [*one["pids"], *other["pids"]]
    assert pids
    assert poll(lambda: not any(map(psutil.pid_exists, pids)), timeout=20)


@pytest.mark.stack
def test_django_is_on_the_suites_own_servers(stack: Stack) -> None:
    database = settings.DATABASES["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert f":{database['PORT']}/" in os.environ["DATABASE_URL"]
    assert stack.redis_url == settings.REDIS_URL
