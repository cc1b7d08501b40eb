"""What becomes of a message that the carrier wants later."""

from __future__ import annotations

from collections import Counter

import pytest

from messaging.smpp.simulator import SimulatorThread
from orbit.stack.processes import poll
from tests.reconciler.launcher.desk import Desk

pytestmark = pytest.mark.stack

THROTTLED, NO_ANSWER = ["ESME_RTHROTTLED"], ["ESME_NO_ANSWER"]
RETRIAL = "SM_LISTENER_SUBMIT_ERROR_RETRIAL"
TWO_TRIES = "{'ESME_RTHROTTLED': {'count': 2, 'delay': 1}}"
LONG = "0123456789" * 40  # three parts


def taken(smsc: SimulatorThread) -> Counter[str]:
    return Counter(each.text for each in smsc.system("acme").accepted)


def throttle_one(desk: Desk, smsc: SimulatorThread) -> str:
    cid = desk.open(smsc)
    smsc.system("acme").faults = ["throttled:on=submit:first=1"]
    message = desk.send(cid, "too soon", dlr_level=3)
    desk.send(cid, "the next")
    smsc.wait_for(lambda: smsc.system("acme").submits)
    return message


def test_stock_lets_all_others_wait(stock, carrier) -> None:
    smsc = carrier()
    throttle_one(stock, smsc)

    assert not poll(lambda: bool(taken(smsc)), timeout=3)


def test_stock_reports_a_failure_and_sends_it_all_the_same(bare, carrier, request) -> None:
    bare.settings = {RETRIAL: TWO_TRIES}
    stock, smsc = request.getfixturevalue("stock"), carrier()
    message = throttle_one(stock, smsc)

    smsc.wait_for(lambda: taken(smsc)["too soon"] == 1)
    assert stock.reported(message) == THROTTLED


def test_who_is_told_at_once_tries_again_himself(launched, carrier) -> None:
    smsc = carrier()
    cid = launched.open(smsc, window=5)
    smsc.system("acme").faults = ["throttled:on=submit:first=3"]
    messages = [launched.send(cid, f"number {n}", dlr_level=1 + n % 2 * 2) for n in range(10)]

    launched.wait(lambda: all(launched.reported(each) for each in messages))
    states = [launched.reported(each) for each in messages]
    assert (states.count(THROTTLED), states.count(["ESME_ROK"])) == (3, 7)
    assert smsc.system("acme").submit_count == 10


@pytest.mark.parametrize("level", [None, 2])
def test_for_who_is_not_told_it_is_tried_again(launched, carrier, level) -> None:
    smsc = carrier("throttled:on=submit:first=2")
    message = launched.send(launched.open(smsc), "too soon", dlr_level=level)

    smsc.wait_for(lambda: taken(smsc) == {"too soon": 1})
    assert smsc.system("acme").submit_count == 3
    if level:
        launched.wait(lambda: launched.reported(message, 2) == ["DELIVRD"])


def test_for_a_platform_it_is_tried_again(launched, carrier) -> None:
    smsc = carrier("throttled:on=submit:first=2")
    with launched.platform(launched.open(smsc)) as platform:
        platform.submit("too soon")

        assert "stat:DELIVRD" in platform.receipt()
    assert taken(smsc) == {"too soon": 1}


def test_of_a_long_message_only_the_refused_part_is_tried_again(launched, carrier) -> None:
    smsc = carrier("throttled:on=submit:first=1")
    message = launched.send(launched.open(smsc), LONG, dlr_level=3)

    launched.wait(lambda: launched.reported(message, 2) == ["DELIVRD"])
    assert launched.reported(message) == ["ESME_ROK"]
    parts = sorted(smsc.system("acme").accepted, key=lambda each: each.part[2])
    assert "".join(each.text for each in parts) == LONG
    assert smsc.system("acme").submit_count == 4


@pytest.mark.parametrize(
    ("fault", "state"),
    [("throttled:on=submit", THROTTLED), ("throttled:on=submit:first=1", NO_ANSWER)],
)
def test_a_long_message_is_refused_only_as_a_whole(bare, carrier, fault, state, request) -> None:
    bare.settings = {RETRIAL: "{}"}
    launched, smsc = request.getfixturevalue("launched"), carrier(fault)
    message = launched.send(launched.open(smsc), LONG, dlr_level=1)

    launched.wait(lambda: launched.reported(message) == state)
    assert smsc.system("acme").submit_count == 3
