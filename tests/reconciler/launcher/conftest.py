"""One Jasmin as it is, and one through the launcher: the same stack, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from orbit.dev.simulator import SimulatorThread
from orbit.dev.stack import Jasmin, Stack
from tests.fixtures.stack import empty, servers
from tests.reconciler.launcher.desk import PASSWORD, Desk


@pytest.fixture
def bare(stack: Stack) -> Iterator[Jasmin]:
    """The gateway `main`, not started: each test says how."""
    gateway = stack.gateways["main"]
    servers.clean.discard(gateway)
    yield gateway
    gateway.stock, gateway.settings, gateway.without = False, {}, ()


@pytest.fixture
def stock(bare: Jasmin) -> Iterator[Desk]:
    """Jasmin as it is."""
    with _desk(bare, stock=True) as desk:
        yield desk


@pytest.fixture
def launched(bare: Jasmin) -> Iterator[Desk]:
    """Jasmin with all corrections."""
    with _desk(bare, stock=False) as desk:
        yield desk


def _desk(gateway: Jasmin, *, stock: bool) -> Desk:
    gateway.stock = stock
    # It holds each message that comes before the bind for 30 s.
    if stock:
        gateway.settings.setdefault("SM_LISTENER_SUBMIT_RETRIAL_DELAY_SMPPC_NOT_READY", "1")
    empty(gateway)
    return Desk(gateway)


@pytest.fixture
def carrier(smsc: SimulatorThread) -> Callable[..., SimulatorThread]:
    """`carrier("slow:1", system_id="acme")`: the simulated carrier, with that account."""

    def make(*faults: str, system_id: str = "acme") -> SimulatorThread:
        smsc.add_system(system_id, PASSWORD, faults=list(faults))
        return smsc

    return make
