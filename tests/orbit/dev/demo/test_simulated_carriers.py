"""What the story does to a simulated carrier."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from messaging.net.deadline import Deadline
from messaging.smpp.blocking_session import Account as SmppAccount
from messaging.smpp.blocking_session import Session
from messaging.smpp.link import open_link
from messaging.smpp.protocol.command_status import OK
from orbit.dev.demo.checks import Failed
from orbit.dev.demo.customer_platform import Access, Platform, RefusedByGateway
from orbit.dev.demo.simulated_carriers import Account, Carrier
from orbit.dev.simulator import SimulatorThread


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with SimulatorThread(tls=False) as smsc:
        yield Carrier("north", "North", port=smsc.port, control_port=smsc.open_control())
        assert smsc.errors == []


class Link:
    """A bind that takes what phones write."""

    def __init__(self, carrier: Carrier, account: Account) -> None:
        soon = Deadline.after(30)
        self._link = open_link(address=carrier.host, port=carrier.port, deadline=soon)
        self._session = Session(self._link)
        sent = SmppAccount(account.system_id, account.password)
        assert self._session.bind(sent, deadline=soon) == OK

    def __enter__(self) -> Link:
        return self

    def __exit__(self, *_: object) -> None:
        self._link.close()

    def next_text(self) -> str:
        """The words of the next part, without its header."""
        soon = Deadline.after(30)
        delivery = self._session.delivery(deadline=soon)
        self._session.answer(delivery, OK, deadline=soon)
        return delivery.pdu.payload[6:].decode("ascii")


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


@pytest.mark.parametrize("parts_reversed", [False, True])
def test_a_phone_writes_and_its_parts_come_in_the_order_that_is_wanted(
    carrier, parts_reversed
) -> None:
    account = carrier.add_account("acme")
    text = "a" * 150 + "b" * 50
    carrier.send_text("acme", "+33612345678", "+33700000001", text, parts_reversed=parts_reversed)
    with Link(carrier, account) as session:
        came = [session.next_text() for _ in range(2)]
    assert came == (["b" * 47, text[:153]] if parts_reversed else [text[:153], "b" * 47])


def test_what_the_simulator_refuses_is_a_failure(carrier) -> None:
    with pytest.raises(Failed, match="North's simulator says 404"):
        carrier.counts("nobody")
