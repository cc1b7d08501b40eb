"""Connectors that are added, removed and started while messages wait, and keys of our own."""

from __future__ import annotations

import pytest

from messaging.smpp.simulator import SimulatorThread
from orbit.stack.processes import poll
from tests.reconciler.launcher.desk import Desk

pytestmark = pytest.mark.stack

NOT_READY = "SM_LISTENER_SUBMIT_RETRIAL_DELAY_SMPPC_NOT_READY"


def count(smsc: SimulatorThread) -> int:
    return smsc.system("acme").submit_count


def send_after_a_new_life(desk: Desk, smsc: SimulatorThread) -> None:
    cid = desk.open(smsc)
    desk.type(f"smppccm -r {cid}")
    desk.open(smsc)
    desk.send(cid)


def test_stock_gives_the_message_to_the_connector_that_is_gone(bare, carrier, request) -> None:
    bare.settings = {NOT_READY: "30"}
    smsc = carrier()
    send_after_a_new_life(request.getfixturevalue("stock"), smsc)

    assert not poll(lambda: count(smsc) == 1, timeout=3)


def test_a_connector_that_was_removed_and_added_gets_its_messages(launched, carrier) -> None:
    smsc = carrier()
    send_after_a_new_life(launched, smsc)

    smsc.wait_for(lambda: count(smsc) == 1)


@pytest.mark.parametrize(("kind", "takes"), [("stock", False), ("launched", True)])
def test_keys_of_our_own(carrier, kind, takes, request) -> None:
    desk = request.getfixturevalue(kind)
    with desk.person() as person:
        person.type("smppccm -a")
        answers = [person.type("window 7"), person.type("lane one")]
        person.type("ko")

    unknown = [[f"Unknown SMPPClientConfig key: {key}"] for key in ("window", "lane")]
    assert answers == ([[], []] if takes else unknown)
