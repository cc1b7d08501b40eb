"""A submit that was written is never written again; what is unknown is said to be."""

from __future__ import annotations

from collections import Counter

import pytest

from messaging.smpp.simulator import SimulatorThread
from tests.reconciler.launcher.desk import Desk

pytestmark = pytest.mark.stack

NO_ANSWER = "ESME_NO_ANSWER"


def texts(smsc: SimulatorThread) -> list[str]:
    return [submit.text for submit in smsc.system("acme").submits]


def kill_with_one_unanswered(desk: Desk, smsc: SimulatorThread) -> str:
    cid = desk.open(smsc)
    smsc.system("acme").faults = ["slow:60:on=submit:first=1"]
    message = desk.send(cid, "before", dlr_level=3)
    smsc.wait_for(lambda: texts(smsc) == ["before"])
    desk.jasmin.kill()
    desk.jasmin.start()
    desk.wait_until_bound(cid)
    desk.send(cid, "after")
    smsc.wait_for(lambda: "after" in texts(smsc))
    return message


def test_stock_submits_again_after_a_kill(stock, carrier) -> None:
    smsc = carrier()
    kill_with_one_unanswered(stock, smsc)

    assert texts(smsc).count("before") == 2


def test_after_a_kill_it_is_not_submitted_again_but_reported(launched, carrier) -> None:
    smsc = carrier()
    message = kill_with_one_unanswered(launched, smsc)

    launched.wait(lambda: launched.reported(message) == [NO_ANSWER])
    assert texts(smsc) == ["before", "after"]


def drop_before_the_answer(desk: Desk, smsc: SimulatorThread) -> str:
    cid = desk.open(smsc, res_to=3)
    smsc.system("acme").faults = ["drop-before-answer:first=1"]
    message = desk.send(cid, "lost", dlr_level=3)
    smsc.wait_for(lambda: smsc.system("acme").binds_accepted == 2, timeout=30)
    desk.send(cid, "after")
    smsc.wait_for(lambda: "after" in texts(smsc), timeout=30)
    return message


def test_stock_submits_again_after_a_lost_connection(stock, carrier) -> None:
    smsc = carrier()
    drop_before_the_answer(stock, smsc)

    smsc.wait_for(lambda: texts(smsc).count("lost") == 2, timeout=30)


def test_after_a_lost_connection_it_is_not_submitted_again(launched, carrier) -> None:
    smsc = carrier()
    message = drop_before_the_answer(launched, smsc)

    launched.wait(lambda: launched.reported(message) == [NO_ANSWER])
    assert texts(smsc) == ["lost", "after"]


def lose_one_answer(desk: Desk, smsc: SimulatorThread, **keys: object) -> list[str]:
    """The first answer of eight is lost; the others come in time."""
    cid = desk.open(smsc, res_to=2, **keys)
    smsc.system("acme").faults = ["slow:600:on=submit:first=1", "slow:0.5:on=submit"]
    messages = [desk.send(cid, f"number {n}", dlr_level=3) for n in range(8)]
    smsc.wait_for(lambda: len(set(texts(smsc))) == 8, timeout=60)
    return messages


def test_stock_closes_the_bind_for_one_lost_answer(stock, carrier) -> None:
    smsc = carrier()
    lose_one_answer(stock, smsc)

    assert smsc.system("acme").binds_accepted > 1


def test_a_lost_answer_leaves_the_others_and_the_bind_alone(launched, carrier) -> None:
    smsc = carrier()
    first, *others = lose_one_answer(launched, smsc, window=3)

    launched.wait(lambda: launched.reported(first) == [NO_ANSWER])
    launched.wait(lambda: all(launched.reported(each) == ["ESME_ROK"] for each in others))
    assert len(texts(smsc)) == 8
    assert smsc.system("acme").binds_accepted == 1


def test_what_was_not_written_goes_out_after_a_kill(launched, carrier) -> None:
    smsc = carrier()
    cid = launched.open(smsc, window=5)
    smsc.stop()
    messages = [launched.send(cid, f"number {n}", dlr_level=1) for n in range(12)]
    launched.jasmin.kill()
    smsc.start()
    launched.jasmin.start()

    launched.wait(lambda: all(launched.reported(each) == ["ESME_ROK"] for each in messages))
    assert sorted(texts(smsc)) == sorted(f"number {n}" for n in range(12))


@pytest.mark.slow("four kills under load, and reports that are tried again after 30 s")
def test_nothing_is_twice_and_nothing_vanishes_in_kills_under_load(launched, carrier) -> None:
    smsc = carrier("slow:0.05:on=submit")
    cid = launched.open(smsc, window=10)
    messages: dict[str, str] = {}
    for turn in range(4):
        for n in range(25):
            text = f"{turn}-{n}"
            messages[launched.send(cid, text, dlr_level=1)] = text
        smsc.wait_for(lambda so_far=turn * 25 + 8: len(texts(smsc)) >= so_far, timeout=30)
        launched.jasmin.kill()
        launched.jasmin.start()
        launched.wait_until_bound(cid)  # until then it is not known
    launched.wait(lambda: all(launched.reported(each) for each in messages), timeout=180)

    assert max(Counter(texts(smsc)).values()) == 1
    states = {messages[each]: set(launched.reported(each)) for each in messages}
    known = {text for text, state in states.items() if state == {"ESME_ROK"}}
    unknown = {text for text, state in states.items() if state == {NO_ANSWER}}
    assert known | unknown == set(messages.values())
    assert known <= set(texts(smsc))
    assert unknown  # ten were on their way at each kill
