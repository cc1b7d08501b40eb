"""Fixtures: a stock Jasmin and a launched one, of the same stack, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orbit.dev.simulator import SimulatorThread
from orbit.dev.stack import Jasmin, Stack
from tests.fixtures.stack import empty, servers
from tests.reconciler.launcher.jasmin_client import PASSWORD, JasminClient


@pytest.fixture
def bare(stack: Stack) -> Iterator[Jasmin]:
    """The gateway `main`, not started; the test chooses how to start it."""
    gateway = stack.gateways["main"]
    servers.clean.discard(gateway)
    yield gateway
    gateway.stock, gateway.settings, gateway.without = False, {}, ()


@pytest.fixture
def stock(bare: Jasmin) -> Iterator[JasminClient]:
    """A stock Jasmin."""
    with _client(bare, stock=True) as client:
        yield client


@pytest.fixture
def launched(bare: Jasmin) -> Iterator[JasminClient]:
    """A Jasmin through the launcher."""
    with _client(bare, stock=False) as client:
        yield client


def _client(gateway: Jasmin, *, stock: bool) -> JasminClient:
    gateway.stock = stock
    # It holds each message that comes before the bind for 30 s.
    if stock:
        gateway.settings.setdefault("SM_LISTENER_SUBMIT_RETRIAL_DELAY_SMPPC_NOT_READY", "1")
    empty(gateway)
    return JasminClient(gateway)


@pytest.fixture
def reused(reset_jasmin: Jasmin) -> Iterator[JasminClient]:
    """The same in the process of the test before, for tests to which that does not matter."""
    with JasminClient(reset_jasmin) as client:
        yield client


@pytest.fixture
def no_logs(bare: Jasmin) -> Iterator[None]:
    """Remove the logs before and after the test."""

    def remove() -> None:
        bare._log.write_text("")
        for log in Path(bare.logs).glob("*"):
            log.unlink()

    bare.kill()
    remove()
    yield
    bare.kill()
    remove()


@pytest.fixture
def carrier(smsc: SimulatorThread) -> Callable[..., SimulatorThread]:
    """`carrier("slow:1", system_id="acme")`: the simulated carrier, with that account."""

    def make(*faults: str, system_id: str = "acme") -> SimulatorThread:
        smsc.add_system(system_id, PASSWORD, faults=list(faults))
        return smsc

    return make
