"""How many submits are unanswered at once, and how many leave in a second."""

from __future__ import annotations

import pytest

from messaging.smpp.simulator import SimulatorThread
from orbit.stack.processes import poll
from tests.reconciler.launcher.desk import Desk

pytestmark = pytest.mark.stack

LONG = "part " * 200  # 7 parts of 153 characters


def unanswered(desk: Desk, smsc: SimulatorThread, texts: list[str], **keys: object) -> int:
    """How many submits come to a carrier that never answers, and no more."""
    cid = desk.open(smsc, **keys)
    smsc.system("acme").faults = ["slow:600:on=submit"]
    for text in texts:
        desk.send(cid, text)
    smsc.wait_for(lambda: smsc.system("acme").submits)
    count = -1
    while count != smsc.system("acme").submit_count:
        count = smsc.system("acme").submit_count
        poll(lambda so_far=count: smsc.system("acme").submit_count > so_far, timeout=1)
    return count


def test_stock_has_one_in_flight(stock, carrier) -> None:
    assert unanswered(stock, carrier(), ["hello"] * 10) == 1


def test_as_many_are_in_flight_as_the_window_has_room_for(launched, carrier) -> None:
    assert unanswered(launched, carrier(), ["hello"] * 10, window=7) == 7


def test_stock_sends_all_parts_at_once(stock, carrier) -> None:
    assert unanswered(stock, carrier(), [LONG]) > 1


def test_parts_count_for_the_window_too(launched, carrier) -> None:
    assert unanswered(launched, carrier(), [LONG, "short"], window=3) == 3


def test_a_window_that_is_none_is_refused(launched, carrier) -> None:
    with launched.person() as person:
        person.type("smppccm -a")
        assert person.type("window 0") == []
        assert person.type("cid nothing") == []
        assert person.type("ok") == ["Error: window must be a number from 1 to 1000"]
        person.type("ko")


def leaving(desk: Desk, smsc: SimulatorThread, throughput: int, **keys: object) -> float:
    """Submits a second at the carrier, over at least a second."""
    cid = desk.open(smsc, submit_throughput=throughput, **keys)
    smsc.system("acme").faults = ["slow:0.05:on=submit"]
    count = throughput * 3 // 2
    for _ in range(count):
        desk.send(cid)
    smsc.wait_for(lambda: smsc.system("acme").submit_count == count, timeout=60)
    times = [submit.at for submit in smsc.system("acme").submits[count // 10 :]]
    return (len(times) - 1) / (times[-1] - times[0]).total_seconds()


def test_stock_does_not_reach_its_throughput(stock, carrier) -> None:
    assert leaving(stock, carrier(), 80) < 40


def test_the_throughput_is_a_ceiling_with_many_in_flight(launched, carrier) -> None:
    rate = leaving(launched, carrier(), 80, window=50)

    assert 40 < rate < 88
