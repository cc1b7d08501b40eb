"""Window, throughput, parts, retries: each submit ends once."""

from __future__ import annotations

import itertools

from tests.reconciler.launcher.lane.conftest import until
from tests.reconciler.launcher.lane.smsc import (
    RESPONSE,
    SUBMIT,
    pdu,
)

THROTTLED, NOT_NOW = 0x58, 0x64


def test_an_answer_that_does_not_come_frees_its_place(lane, smsc) -> None:
    program = lane(window=1, response_timeout=2)
    smsc.on[SUBMIT] = lambda link, sequence, body: None
    program.submit(program.message())

    assert program.wait_for_records(1)[0]["why"] == "no answer in time"

    smsc.on[SUBMIT] = smsc.take
    program.submit(program.message("second"))
    assert program.wait_for_records(1, "answer")
    assert len(smsc.links) == 1


def test_no_more_than_the_window_is_in_flight(lane, smsc) -> None:
    program = lane(window=4)
    held = []
    smsc.on[SUBMIT] = lambda link, sequence, body: held.append(sequence)
    program.submit(*(program.message() for _ in range(10)))
    until(lambda: len(held) == 4)
    assert program.state()["in_flight"] == 4 and program.state()["waiting"] == 6

    for answered in range(10):
        until(lambda: held)
        assert len(held) <= 4, answered
        smsc.take(smsc.links[0], held.pop(0), b"")
    assert len(program.wait_for_records(10, "answer")) == 10


def test_the_throughput_is_kept(lane, smsc) -> None:
    program = lane(throughput=100, window=100)
    program.submit(*(program.message() for _ in range(61)))
    program.wait_for_records(61, "answer")

    times = [each[4] for each in smsc.received if each[0] == SUBMIT]
    assert times[-1] - times[0] > 0.3  # not at once; test_pace.py and `make bench` say how well


def test_a_carrier_that_is_hurried_is_given_a_pause(lane, smsc) -> None:
    program = lane(window=1)
    taken = itertools.count()

    def throttle(link, sequence, body):
        if next(taken) == 0:
            link.send(pdu(SUBMIT | RESPONSE, sequence, status=THROTTLED))
        else:
            smsc.take(link, sequence, body)

    smsc.on[SUBMIT] = throttle
    program.submit(program.message(), program.message())

    statuses = [each["status"] for each in program.wait_for_records(2, "answer")]
    assert statuses == [THROTTLED, 0]  # the site decides about the first
    times = [each[4] for each in smsc.received if each[0] == SUBMIT]
    assert times[1] - times[0] > 0.2


def test_what_the_site_does_not_see_is_tried_again_by_the_lane(lane, smsc) -> None:
    program = lane()
    taken = itertools.count()

    def refuse_twice(link, sequence, body):
        if next(taken) < 2:
            link.send(pdu(SUBMIT | RESPONSE, sequence, status=NOT_NOW))
        else:
            smsc.take(link, sequence, body)

    smsc.on[SUBMIT] = refuse_twice
    submit = {
        "token": "a1",
        "source": "ACME",
        "destination": "33612345678",
        "parts": ["6869"],
        "origin": "access",
        "user": "acme",
        "extra": {"protocol_id": 7, "_own": [1]},
    }
    assert program.do("submit", submit=submit) == [None]

    (record,) = program.wait_for_records(1, "access")
    assert (record["user"], record["status"], record["to"]) == ("acme", 0, "33612345678")
    assert smsc.texts == [b"hi"] * 3
    assert program.request("GET", "/ends")[1] == [["a1", 0, 0, "1", ""]]


def test_a_temporary_refusal_is_the_answer_once_the_time_is_over(lane, smsc) -> None:
    program = lane()
    smsc.on[SUBMIT] = lambda link, sequence, _: link.send(
        pdu(SUBMIT | RESPONSE, sequence, status=NOT_NOW)
    )
    submit = {
        "token": "a1",
        "source": "ACME",
        "destination": "33612345678",
        "parts": ["6869"],
        "origin": "http",
        "expires_in": 1.5,
    }
    program.do("submit", submit=submit)

    assert program.wait_for_records(1, "access")[0]["status"] == NOT_NOW


def test_parts_are_written_one_after_another_and_each_is_told(lane, smsc) -> None:
    program = lane(window=1)
    taken = itertools.count()

    def refuse_second(link, sequence, body):
        if next(taken) == 1:
            link.send(pdu(SUBMIT | RESPONSE, sequence, status=0x401))
        else:
            smsc.take(link, sequence, body)

    smsc.on[SUBMIT] = refuse_second
    parts = [b"\5\0\3\1\3%cabc" % number for number in (1, 2, 3)]
    program.submit(program.message(parts=[part.hex() for part in parts], udhi=True))

    told = [
        (each["part"], each["parts"], each["status"])
        for each in program.wait_for_records(3, "answer")
    ]
    assert told == [(0, 3, 0), (1, 3, 0x401), (2, 3, 0)]
    assert smsc.texts == parts
    assert all(b"33612345678\0\x40" in body for _, _, body in smsc.of(SUBMIT))


def test_an_expired_message_is_told_as_not_sent(lane, smsc) -> None:
    program = lane(window=1)
    smsc.on[SUBMIT] = lambda link, sequence, body: None
    program.submit(program.message(), program.message(expires_in=0.5))

    (record,) = program.wait_for_records(1)
    assert (record["kind"], record["why"]) == ("not_sent", "expired")
