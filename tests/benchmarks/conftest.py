"""Fixtures of the benchmarks: a carrier in a process of its own, a fresh Jasmin."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from orbit.dev.stack import Jasmin, Stack
from orbit.dev.stack.processes import poll
from reconciler.models import Gateway
from tests.benchmarks.carrier import PASSWORD, Carrier, system_ids
from tests.fixtures.stack import empty, servers
from tests.reconciler.conftest import make_gateway


@pytest.fixture(scope="session")
def carrier(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    """A simulated carrier with 1,000 accounts, in another process than what is measured."""
    with _simulated(stack, tmp_path_factory.mktemp("carrier"), 1_000) as carrier:
        yield carrier


@pytest.fixture
def large_carrier(stack: Stack, tmp_path: Path) -> Iterator[Carrier]:
    """The same with 11,000 accounts."""
    with _simulated(stack, tmp_path, 11_000) as carrier:
        yield carrier


@contextmanager
def _simulated(stack: Stack, folder: Path, count: int) -> Iterator[Carrier]:
    accounts = [{"system_id": name, "password": PASSWORD} for name in system_ids(count)]
    file = folder / "systems.json"
    file.write_text(json.dumps({"systems": accounts}))
    simulator = [sys.executable, "manage.py", "smsc_simulator"]
    options = ["--port", "0", "--control", "0", "--systems", file, "--log", "none"]
    name = f"carrier-{count}"
    process = stack.spawn(name, [*simulator, *options], env=dict(os.environ))
    log = stack.root / "logs" / f"{name}.log"
    ready = poll(lambda: '"event": "ready"' in log.read_text(), timeout=60)
    assert ready, log.read_text()
    announced = next(line for line in log.read_text().splitlines() if line.startswith("{"))
    yield Carrier.announced(json.loads(announced), process.pid)
    process.stop(timeout=5)


@pytest.fixture
def fresh(stack: Stack) -> Callable[[], Jasmin]:
    """Empties the gateway `main`: killed, its store removed, started."""

    def make() -> Jasmin:
        jasmin = stack.gateways["main"]
        empty(jasmin)
        return jasmin

    return make


@pytest.fixture
def gateway(transactional_db: None, jasmin: Jasmin) -> Gateway:
    return make_gateway(jasmin)


@pytest.fixture(params=["stock Jasmin", "our launcher"])
def kind(request: pytest.FixtureRequest, stack: Stack) -> Iterator[str]:
    """Runs a benchmark twice: on a stock Jasmin and on a launched one."""
    jasmin = stack.gateways["main"]
    servers.clean.discard(jasmin)
    jasmin.stock = request.param == "stock Jasmin"
    yield request.param
    jasmin.stock = False


@pytest.fixture(autouse=True)
def _as_in_production() -> None:
    """Django keeps every query of a connection in memory with DEBUG."""
    assert settings.DEBUG is False
