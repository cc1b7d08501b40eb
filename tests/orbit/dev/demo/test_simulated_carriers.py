"""What the story does to a simulated carrier."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from orbit.dev.demo.checks import Failed
from orbit.dev.demo.customer_platform import Access, Platform, RefusedByGateway
from orbit.dev.demo.simulated_carriers import Account, Carrier
from orbit.dev.simulator import SimulatorThread


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with SimulatorThread(tls=False) as smsc:
        yield Carrier("north", "North", port=smsc.port, control_port=smsc.open_control())
        assert smsc.errors == []


def bind(carrier: Carrier, account: Account) -> Platform:
    return Platform(Access(carrier.host, carrier.port, account.system_id, account.password))


def test_an_account_can_be_used_and_its_messages_read(carrier) -> None:
    account = carrier.add_account("acme")
    with bind(carrier, account) as platform:
        platform.send("33612345678", "one")
        platform.send("33612345678", "two")
        assert carrier.counts("acme")["live_binds"] == 1
    assert carrier.texts("acme") == ["one", "two"]


def test_another_password_shuts_out_the_old_one(carrier) -> None:
    old = carrier.add_account("acme")
    new = carrier.change_password("acme")
    with pytest.raises(RefusedByGateway), bind(carrier, old):
        pass
    with bind(carrier, new):
        pass


def test_a_carrier_dies_and_returns_with_all_that_it_knows(carrier) -> None:
    account = carrier.add_account("acme")
    carrier.die()
    with pytest.raises(Exception, match="refused"), bind(carrier, account):
        pass
    carrier.revive()
    with bind(carrier, account) as platform:
        platform.send("33612345678", "one")


def test_what_the_simulator_refuses_is_a_failure(carrier) -> None:
    with pytest.raises(Failed, match="North's simulator says 404"):
        carrier.counts("nobody")
