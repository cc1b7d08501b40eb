"""Receipts settle their own message, however carriers count, and whenever they come."""

from __future__ import annotations

import pytest

from messaging.smpp.simulator import SimulatorThread
from tests.reconciler.launcher.desk import Desk

pytestmark = pytest.mark.stack

DELIVERED, UNDELIVERED = ["DELIVRD"], ["UNDELIV"]


def equal_ids(desk: Desk, smsc: SimulatorThread) -> tuple[str, str]:
    """Two carriers call their message 1; one delivers it, later than the other fails."""
    for system_id, fault in (("acme", "late-receipt:1"), ("other", "receipt:UNDELIV")):
        smsc.add_system(system_id, "s3cr3t", faults=["equal-ids", fault])
    good, bad = desk.open(smsc, "acme"), desk.open(smsc, "other")
    return desk.send(good, dlr_level=3), desk.send(bad, dlr_level=3)


def test_stock_mixes_up_two_carriers_with_equal_ids(stock, smsc) -> None:
    good, bad = equal_ids(stock, smsc)

    stock.wait(lambda: len([r for r in stock.reports if r["level"] == "2"]) >= 1)
    smsc.wait_for(lambda: smsc.system("acme").receipts["acknowledged"])
    assert stock.reported(good, 2) != DELIVERED or stock.reported(bad, 2) != UNDELIVERED


def test_equal_ids_of_two_carriers_are_kept_apart(launched, smsc) -> None:
    good, bad = equal_ids(launched, smsc)

    launched.wait(lambda: launched.reported(good, 2) and launched.reported(bad, 2))
    assert (launched.reported(good, 2), launched.reported(bad, 2)) == (DELIVERED, UNDELIVERED)
    assert {r["id_smsc"] for r in launched.reports if r["level"] == "2"} == {"1"}


@pytest.mark.parametrize(("fault", "dlr_msgid"), [("hex-ids", 1), ("decimal-ids", 2)])
def test_ids_may_be_hexadecimal_on_one_side(launched, carrier, fault, dlr_msgid) -> None:
    smsc = carrier(fault)
    cid = launched.open(smsc, dlr_msgid=dlr_msgid)
    messages = [launched.send(cid, dlr_level=3) for _ in range(12)]

    launched.wait(lambda: all(launched.reported(each, 2) == DELIVERED for each in messages))


def test_a_transmitter_gets_its_receipts_through_its_receiver(launched, carrier) -> None:
    smsc = carrier()
    launched.open(smsc, bind="receiver", cid_suffix="r", lane="one-account")
    cid = launched.open(smsc, bind="transmitter", lane="one-account")
    message = launched.send(cid, dlr_level=3)

    launched.wait(lambda: launched.reported(message, 2) == DELIVERED)


def overtaken(desk: Desk, smsc: SimulatorThread) -> str:
    cid = desk.open(smsc)
    smsc.system("acme").faults = ["early-receipt", "slow:0.5:on=submit"]
    return desk.send(cid, dlr_level=3)


def test_stock_needs_ten_seconds_for_a_receipt_that_came_first(stock, carrier) -> None:
    message = overtaken(stock, carrier())

    stock.wait(lambda: stock.reported(message, 1))
    with pytest.raises(AssertionError):
        stock.wait(lambda: stock.reported(message, 2), timeout=5)


def test_a_receipt_that_overtakes_its_answer_is_found(launched, carrier) -> None:
    message = overtaken(launched, carrier())

    launched.wait(lambda: launched.reported(message, 2) == DELIVERED, timeout=5)
