"""Whatever a carrier sends, the bind stays and each submit ends once."""

from __future__ import annotations

import itertools
import time

import pytest

from tests.reconciler.launcher.lane.conftest import CID, settings, until
from tests.reconciler.launcher.lane.smsc import (
    BIND_TRX,
    DELIVER,
    ENQUIRE,
    NACK,
    RECEIPT,
    RESPONSE,
    SUBMIT,
    UNBIND,
    deliver,
    pdu,
)


def test_a_message_goes_out_as_the_carrier_wants_it_and_its_answer_is_told(lane, smsc) -> None:
    program = lane(tlvs=[[0x1400, "313200"], [0x1401, "3900"]])
    message = program.message(tlvs=[[0x1401, "3800"]], data_coding=3)

    assert program.submit(message) == [{"token": message["token"], "accepted": True}]

    (answer,) = program.wait_for_records(1, "answer")
    expected = {
        "token": message["token"],
        "part": 0,
        "parts": 1,
        "cid": CID,
        "account": "account1",
        "status": 0,
        "id": "1",
    }
    assert expected.items() <= answer.items()
    ((_, _, body),) = smsc.of(SUBMIT)
    assert body.startswith(b"\0\5\0ACME\0\1\x0133612345678\0")
    assert body.endswith(b"\0\3\0\5hello" + bytes.fromhex("14010002380014000003313200"))
    ((_, _, bind),) = smsc.of(BIND_TRX)
    assert bind == b"acme\0sixteen-letters!\0\0\x34\0\0\0"


def test_generic_nack_settles_its_submit_and_frees_its_place(lane, smsc) -> None:
    program = lane(window=3)
    taken = itertools.count()

    def nack_first(link, sequence, body):
        if next(taken) < 3:
            link.send(pdu(NACK, sequence, status=1))
        else:
            smsc.take(link, sequence, body)

    smsc.on[SUBMIT] = nack_first
    program.submit(*(program.message() for _ in range(5)))

    statuses = [each["status"] for each in program.wait_for_records(5, "answer")]
    assert sorted(statuses) == [0, 0, 1, 1, 1]
    assert len(smsc.links) == 1
    assert program.state()["state"] == "BOUND_TRX"


@pytest.mark.parametrize(
    "tail",
    [
        b"\0",
        b"\0\0\0",
        bytes.fromhex("1400000131"),
        bytes.fromhex("0427000A02"),
        bytes.fromhex("001E0003313200FFFF0000"),
        b"\x04",
    ],
    ids=["NUL", "three NULs", "unknown TLV", "length of too much", "TLVs", "half a head"],
)
def test_what_stands_behind_a_text_costs_nothing(lane, smsc, tail) -> None:
    program = lane()
    body = deliver(RECEIPT % b"A1B2C3", tail=tail)

    smsc.links[0].send(pdu(DELIVER, 77, body))

    (record,) = program.wait_for_records(1, "deliver")
    assert record["raw"] == pdu(DELIVER, 77, body).hex()
    assert record["account"] == "account1" and record["session"] and not record["access"]
    until(lambda: smsc.of(DELIVER | RESPONSE))
    assert smsc.of(DELIVER | RESPONSE) == [(0, 77, b"\0")]
    assert len(smsc.links) == 1


def test_each_command_is_answered_under_its_own_sequence(lane, smsc) -> None:
    program = lane()
    link = smsc.links[0]

    link.send(pdu(0x123, 5) + pdu(ENQUIRE, 6) + pdu(0x102, 7, b"\0\0\0\0\0\0") + pdu(0x111, 8))
    link.send(pdu(DELIVER, 9, b"\0\1"))  # cut short
    link.send(pdu(0x80000777, 10) + pdu(SUBMIT | RESPONSE, 4711, b"1\0"))  # answers to nothing

    until(lambda: len(smsc.of(NACK)) == 2 and smsc.of(DELIVER | RESPONSE))
    assert {(status, sequence) for status, sequence, _ in smsc.of(NACK)} == {(3, 5), (3, 8)}
    assert [each[:2] for each in smsc.of(ENQUIRE | RESPONSE)] == [(0, 6)]
    assert [each[1] for each in smsc.of(DELIVER | RESPONSE)] == [9]
    assert program.state()["state"] == "BOUND_TRX"
    program.submit(program.message())
    assert program.wait_for_records(1, "answer")


def test_a_length_that_cannot_be_ends_the_connection_with_a_reason(lane, smsc) -> None:
    program = lane(loss_delay=30)

    smsc.links[0].send(b"\0\0\0\5hello, this is no SMPP")

    until(lambda: program.state()["state"] == "NONE")
    assert "is no SMPP" in program.state()["link_error"]


def test_a_connection_cut_inside_a_pdu_loses_its_answers_alone(lane, smsc) -> None:
    program = lane()

    def cut(link, sequence, body):
        link.send(pdu(SUBMIT | RESPONSE, sequence, b"1234567\0")[:19])
        link.close()

    smsc.on[SUBMIT] = cut
    first = program.message()
    program.submit(first)
    (lost,) = program.wait_for_records(1)
    assert (lost["kind"], lost["token"], lost["part"]) == ("no_answer", first["token"], 0)
    assert "cut inside a PDU" in lost["why"]

    smsc.on[SUBMIT] = smsc.take
    program.bound()
    program.submit(program.message("second"))
    assert program.wait_for_records(1, "answer")
    assert smsc.texts == [b"hello", b"second"]


def test_a_carrier_that_says_nothing_at_all_is_left(lane, smsc) -> None:
    program = lane(enquire_link_interval=0.2, response_timeout=0.5, loss_delay=0.1)
    until(lambda: smsc.of(ENQUIRE))
    smsc.on[ENQUIRE] = lambda link, sequence, body: None
    links = len(smsc.links)

    until(lambda: len(smsc.links) > links)

    smsc.on[ENQUIRE] = lambda link, sequence, _: link.send(pdu(ENQUIRE | RESPONSE, sequence))
    program.bound()


def test_a_refused_bind_is_kept_and_tried_again(lane, smsc) -> None:
    program = lane(loss_delay=0.2)
    smsc.on[BIND_TRX] = lambda link, sequence, body: smsc.accept(link, sequence, body, 0x0E)
    smsc.links[0].close()

    until(lambda: program.state()["bind_error"] == "ESME_RINVPASWD")
    assert program.state()["link_error"] == "the bind was refused"

    smsc.on[BIND_TRX] = smsc.accept
    program.bound()
    assert program.state()["bind_error"] is None


def test_a_bind_that_is_not_answered_is_given_up(lane, smsc) -> None:
    program = lane(bind_timeout=0.5, loss_delay=0.1)
    smsc.on[BIND_TRX] = lambda link, sequence, body: None
    smsc.links[0].close()

    until(lambda: "no answer to the bind" in program.state()["link_error"])

    smsc.on[BIND_TRX] = smsc.accept
    program.bound()


def test_the_carriers_unbind_is_answered_and_the_bind_comes_back(lane, smsc) -> None:
    program = lane()

    smsc.links[0].send(pdu(UNBIND, 3))

    until(lambda: smsc.of(UNBIND | RESPONSE))
    assert smsc.of(UNBIND | RESPONSE) == [(0, 3, b"")]
    until(lambda: len(smsc.links) == 2)
    program.bound()


def test_a_stop_waits_for_answers_unbinds_and_tells_what_waited(lane, smsc) -> None:
    program = lane(window=1)

    def late(link, sequence, body):
        time.sleep(0.3)
        smsc.take(link, sequence, body)

    smsc.on[SUBMIT] = late
    program.submit(program.message(), program.message())

    program.do("stop", cid=CID)

    told = {(each["kind"], each.get("why", "")) for each in program.wait_for_records(2)}
    assert told == {("answer", ""), ("not_sent", "stopped")}
    assert smsc.of(UNBIND) and program.state()["state"] == "NONE"
    (refused,) = program.submit(program.message())
    assert refused["reason"] == "not_bound"

    program.do("start", cid=CID)
    program.bound()


def test_settings_that_no_bind_is_made_with_count_at_once(lane, smsc) -> None:
    program = lane(window=1)
    held = []
    smsc.on[SUBMIT] = lambda link, sequence, body: held.append(sequence)
    program.submit(*(program.message() for _ in range(3)))
    until(lambda: len(held) == 1)

    program.do("replace", cid=CID, settings=settings(smsc.port, window=3))

    until(lambda: len(held) == 3)
    assert len(smsc.of(BIND_TRX)) == 1


def test_a_connector_is_removed_though_its_carrier_is_silent(lane, smsc) -> None:
    program = lane()
    smsc.on[UNBIND] = lambda link, sequence, body: None

    program.do("remove", cid=CID)

    assert smsc.of(UNBIND)
