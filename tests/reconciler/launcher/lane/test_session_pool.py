"""A connector with several binds: they share what is one account's, and end one by one."""

from __future__ import annotations

import pytest

from tests.fixtures.raw_smsc import SILENCE, Cut, Late, RawSmsc, bind_resp, deliver_sm, receipt
from tests.reconciler.launcher.lane.conftest import CID, settings, until
from tests.reconciler.launcher.lane.several_binds import answer, by_session, wait_until_bound

ALREADY_BOUND, BIND_FAILED, WRONG_PASSWORD = 0x05, 0x0D, 0x0E
WHOLE_ANSWER = 20  # octets of a bind_resp


def test_binds_share_one_window_and_each_has_its_share(several, raw_smsc: RawSmsc) -> None:
    raw_smsc.answers_submits_with(SILENCE)
    program = several(binds=3, window=6)
    wait_until_bound(program, raw_smsc, 3)

    program.submit(*(program.message(str(number)) for number in range(9)))

    until(lambda: len(raw_smsc.submits) == 6)
    assert [len(texts) for texts in by_session(raw_smsc).values()] == [2, 2, 2]
    assert (program.state()["in_flight"], program.state()["waiting"]) == (6, 3)


def test_a_bind_that_is_cut_takes_its_own_answers_with_it_alone(several, raw_smsc) -> None:
    raw_smsc.answers_submits_with(SILENCE)
    program = several(binds=2, window=4, refusal_delay=0.1)
    first, second = wait_until_bound(program, raw_smsc, 2)
    messages = [program.message(str(number)) for number in range(4)]
    program.submit(*messages)
    until(lambda: len(raw_smsc.submits) == 4)
    sequences = [{e.sequence for e in raw_smsc.submits if e.session == n} for n in (1, 2)]
    assert sequences[0] == sequences[1]  # the same numbers, for other messages

    first.cut()
    lost = program.wait_for_records(2, "no_answer")
    answer(raw_smsc, second)
    told = program.wait_for_records(2, "answer")

    texts = by_session(raw_smsc)
    tokens = {each["token"]: bytes.fromhex(each["parts"][0]) for each in messages}
    assert {tokens[each["token"]] for each in lost} == set(texts[first.number])
    assert {tokens[each["token"]] for each in told} == set(texts[second.number])
    wait_until_bound(program, raw_smsc, 2)
    assert len(program.records) == 4


def test_what_waits_goes_out_by_the_others_at_once(several, raw_smsc) -> None:
    raw_smsc.answers_submits_with(SILENCE)
    program = several(binds=2, window=2, loss_delay=60)
    first, second = wait_until_bound(program, raw_smsc, 2)
    program.submit(*(program.message(str(number)) for number in range(3)))
    until(lambda: len(raw_smsc.submits) == 2)

    first.cut()

    until(lambda: len(by_session(raw_smsc)[second.number]) == 2)


def test_receipts_and_texts_come_on_any_bind(several, raw_smsc) -> None:
    program = several(binds=3)

    for session in wait_until_bound(program, raw_smsc, 3):
        session.play([deliver_sm(receipt(), source="33612345678", destination="ACME")], about=None)

    records = program.wait_for_records(3, "deliver")
    assert len({each["session"] for each in records}) == 3
    assert {each["account"] for each in records} == {"account1"}
    until(lambda: not raw_smsc.unanswered)
    assert raw_smsc.statuses("deliver_sm_resp") == [0, 0, 0]


def test_pairs_send_on_one_bind_and_hear_on_the_other(several, raw_smsc) -> None:
    program = several(binds=2, pairs=True, bind_type="transmitter")
    wait_until_bound(program, raw_smsc, 4)
    assert len(raw_smsc.got("bind_transmitter")) == len(raw_smsc.got("bind_receiver")) == 2
    types = [each["bind_type"] for each in program.state()["sessions"]]
    assert types == ["transmitter", "receiver"] * 2
    transmitters = {each.session for each in raw_smsc.got("bind_transmitter")}

    program.submit(*(program.message() for _ in range(4)))

    program.wait_for_records(4, "answer")
    assert {each.session for each in raw_smsc.submits} == transmitters
    assert program.state()["state"] == "BOUND_TX"


def test_a_pair_without_its_transmitter_is_not_bound(several, raw_smsc) -> None:
    program = several(pairs=True, bind_type="transmitter", loss_delay=60)
    transmitter, receiver = wait_until_bound(program, raw_smsc, 2)

    transmitter.cut()

    until(lambda: program.state()["state"] == "NONE")
    assert raw_smsc.bound == [receiver]
    (refused,) = program.submit(program.message())
    assert refused["reason"] == "not_bound"


@pytest.mark.parametrize("status", [ALREADY_BOUND, BIND_FAILED])
def test_a_carrier_that_takes_fewer_binds_is_left_in_peace(several, raw_smsc, status) -> None:
    raw_smsc.answers_binds_with(bind_resp(), bind_resp(), bind_resp(status))
    program = several(binds=4, loss_delay=0.05)

    until(lambda: program.state()["bind_error"])

    assert program.submit(*(program.message() for _ in range(20)))[0]["accepted"]
    program.wait_for_records(20, "answer")
    found = [(each["state"], each["bind_error"]) for each in program.state()["sessions"]]
    error = {ALREADY_BOUND: "ESME_RALYBND", BIND_FAILED: "ESME_RBINDFAIL"}[status]
    assert found == [("BOUND_TRX", "")] * 2 + [("NONE", error), ("NONE", "")]
    assert len(raw_smsc.binds) == 3
    assert program.state()["state"] == "BOUND_TRX"


def test_a_carrier_that_ends_one_bind_for_another_is_left_in_peace_too(several, raw_smsc) -> None:
    raw_smsc.answers_binds_with(bind_resp(), Late(1.0, bind_resp()))
    program = several(binds=2, loss_delay=0.05, refusal_delay=1_000)
    both = wait_until_bound(program, raw_smsc, 2)
    older = raw_smsc.sent("bind_transceiver_resp")[0].session
    first, second = sorted(both, key=lambda each: each.number != older)

    first.cut()

    until(lambda: "when another came" in program.state()["link_error"])
    program.submit(*(program.message() for _ in range(20)))
    program.wait_for_records(20, "answer")
    assert raw_smsc.bound == [second] and len(raw_smsc.binds) == 2


def test_of_a_carrier_that_ends_the_second_bind_the_first_is_not_blamed(several, raw_smsc) -> None:
    raw_smsc.answers_binds_with(bind_resp(), Cut(bind_resp(), WHOLE_ANSWER))
    program = several(binds=2, loss_delay=0.05, refusal_delay=1_000)

    error = until(lambda: program.state()["link_error"])

    assert "when another came" not in error
    assert len(raw_smsc.binds) == 2
    program.submit(*(program.message() for _ in range(20)))
    program.wait_for_records(20, "answer")


def test_no_more_binds_are_made_than_the_carrier_allows(several, raw_smsc) -> None:
    program = several(binds=4, max_binds=2)

    wait_until_bound(program, raw_smsc, 2)

    assert len(program.state()["sessions"]) == 2
    assert len(raw_smsc.binds) == 2


def test_a_carrier_that_refuses_sees_the_attempts_of_one_bind(several, raw_smsc) -> None:
    raw_smsc.answers_binds_with(bind_resp(WRONG_PASSWORD))
    program = several(binds=4, loss_delay=0.05)

    until(lambda: len(raw_smsc.binds) == 4)

    errors = [each["bind_error"] for each in program.state()["sessions"]]
    assert errors == ["ESME_RINVPASWD", "", "", ""]

    raw_smsc.answers_binds_with(bind_resp())
    wait_until_bound(program, raw_smsc, 4)
    assert program.state()["bind_error"] is None


def test_after_all_were_cut_one_tries_and_the_others_follow(several, raw_smsc) -> None:
    program = several(binds=3, loss_delay=0.3)
    wait_until_bound(program, raw_smsc, 3)
    raw_smsc.answers_binds_with(bind_resp(WRONG_PASSWORD))
    raw_smsc.cuts_all()
    until(lambda: len(raw_smsc.binds) == 6)
    refused = [each for each in program.state()["sessions"] if each["bind_error"]]
    assert len(refused) == 1

    raw_smsc.answers_binds_with(bind_resp())

    wait_until_bound(program, raw_smsc, 3)


def test_a_stop_unbinds_all(several, raw_smsc) -> None:
    program = several(binds=3)
    wait_until_bound(program, raw_smsc, 3)

    program.do("stop", cid=CID)

    assert len(raw_smsc.got("unbind")) == 3
    assert program.state()["state"] == "NONE" and program.state()["sessions"] == []

    program.do("start", cid=CID)
    wait_until_bound(program, raw_smsc, 3)


def test_binds_are_added_and_taken_away_one_by_one(several, raw_smsc) -> None:
    program = several(binds=1)
    wait_until_bound(program, raw_smsc, 1)

    program.do("replace", cid=CID, settings=settings(raw_smsc.port, binds=3))
    wait_until_bound(program, raw_smsc, 3)
    program.do("replace", cid=CID, settings=settings(raw_smsc.port, binds=2))
    wait_until_bound(program, raw_smsc, 2)

    assert len(raw_smsc.got("unbind")) == 1
    assert len(raw_smsc.binds) == 3
