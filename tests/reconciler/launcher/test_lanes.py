"""Receipts settle their own message, however carriers count, and whenever they come."""

from __future__ import annotations

import pytest

from messaging.smpp.simulator import SimulatorThread
from tests.reconciler.launcher import inside
from tests.reconciler.launcher.desk import Desk

pytestmark = pytest.mark.stack

DELIVERED, UNDELIVERED = ["DELIVRD"], ["UNDELIV"]


# How two carriers may call their first message alike; what their connectors are told of it.
ALIKE = {
    "plain": ("equal-ids", {}),
    "hex": ("hex-ids", {"dlr_msgid": 1}),
    "decimal": ("decimal-ids", {"dlr_msgid": 2}),
}


def equal_ids(
    desk: Desk, smsc: SimulatorThread, alike: str, *, pairs: bool
) -> tuple[list[str], list[str]]:
    """Two carriers call their messages 1 to 12; one delivers them, later than the other fails.

    With `pairs` messages leave through a transmitter, and receipts come through a receiver.
    """
    fault, keys = ALIKE[alike]
    cids = []
    for system_id, outcome in (("acme", "late-receipt:1"), ("other", "receipt:UNDELIV")):
        smsc.add_system(system_id, "s3cr3t", faults=["equal-ids", fault, outcome])
        if pairs:
            desk.open(smsc, system_id, cid_suffix="r", bind="receiver", **keys)
        kind = "transmitter" if pairs else "transceiver"
        cids.append(desk.open(smsc, system_id, bind=kind, **keys))
    good, bad = ([desk.send(cid, dlr_level=3) for _ in range(12)] for cid in cids)
    return good, bad


def ends(desk: Desk, messages: list[str]) -> list[list[str]]:
    return [desk.reported(each, 2) for each in messages]


BOTH = pytest.mark.parametrize(
    ("alike", "pairs"), [("plain", False), ("hex", False), ("decimal", False), ("plain", True)]
)


@BOTH
def test_stock_mixes_up_two_carriers_with_equal_ids(stock, smsc, alike, pairs) -> None:
    good, bad = equal_ids(stock, smsc, alike, pairs=pairs)

    smsc.wait_for(lambda: smsc.system("acme").receipts["acknowledged"] == 12)
    stock.wait(lambda: len([each for each in stock.reports if each["level"] == "2"]) >= 12)
    assert (ends(stock, good), ends(stock, bad)) != ([DELIVERED] * 12, [UNDELIVERED] * 12)


@BOTH
def test_equal_ids_of_two_carriers_are_kept_apart(launched, smsc, alike, pairs) -> None:
    good, bad = equal_ids(launched, smsc, alike, pairs=pairs)

    launched.wait(lambda: all(ends(launched, [*good, *bad])))
    assert (ends(launched, good), ends(launched, bad)) == ([DELIVERED] * 12, [UNDELIVERED] * 12)
    assert len({each["id_smsc"] for each in launched.reports if each["level"] == "2"}) == 12


def test_a_transmitter_finds_its_receiver_by_the_lane(launched, carrier) -> None:
    """As people wrote the host, the two may differ."""
    smsc = carrier()
    launched.open(smsc, bind="receiver", cid_suffix="r", lane="one-account", host="localhost")
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


FLOOD = """
from types import SimpleNamespace
import lanes
from jasmin.managers.dlr import DLRLookup
from twisted.internet.task import Clock

lanes.correct()
lanes.MOST, lanes.reactor, rejected = 2, Clock(), []

def receipt(message_id):
    return SimpleNamespace(content=SimpleNamespace(properties={"message-id": message_id}))

def reject(message, requeue=0):
    rejected.append((message.content.properties["message-id"], requeue))

lookup = SimpleNamespace(
    lookup_retrials={}, rejectMessage=reject, log=SimpleNamespace(warning=lambda *_: None)
)
for message_id in ("a:1", "a:2", "a:3", "b:1", "answer", "a:4"):
    DLRLookup.rejectAndRequeueMessage(lookup, receipt(message_id))
lanes.reactor.advance(lanes.FIRST_LOOK)
DLRLookup.rejectAndRequeueMessage(lookup, receipt("a:5"))
print(rejected)
"""


def test_a_flood_of_unknown_receipts_is_given_up_in_its_own_lane() -> None:
    """In Jasmin's own Python, two of a lane may wait: its third and fourth are not looked up again,
    its fifth comes when there is room."""
    outcome = inside.run(FLOOD)

    given_up = [("a:3", 0), ("a:4", 0)]
    looked_up = [("a:1", 1), ("a:2", 1), ("b:1", 1), ("answer", 1)]
    assert outcome.stdout == f"{[*given_up, *looked_up]}\n", outcome.stderr
