"""Which submits are accepted, and how the others are refused."""

from __future__ import annotations

import pytest

from tests.reconciler.launcher.lane.conftest import LaneProcess, until
from tests.reconciler.launcher.lane.smsc import SUBMIT

PATH = "/lane/submits"


def ask(program: LaneProcess, body=None, user: str = "alice:secret", raw: bytes = b"") -> tuple:
    status, answer = program.request("POST", PATH, body, user, raw)
    return status, answer.get("error")


def test_a_token_is_taken_once(lane, smsc) -> None:
    program = lane()
    message = program.message()

    results = program.submit(message, message)
    program.wait_for_records(1, "answer")
    results += program.submit(message)
    program.read()

    assert results == [{"token": message["token"], "accepted": True}] * 3
    assert smsc.texts == [b"hello"]
    assert len(program.records) == 1


def test_the_answer_names_the_process(lane) -> None:
    program = lane()
    ids = set()
    for _ in range(2):
        ids.add(program.request("POST", PATH, {"submits": []}, "alice:secret")[1]["life"])

    assert len(ids) == 1


def test_unknown_users_submit_nothing(lane, smsc) -> None:
    program = lane()
    body = {"submits": [program.message()]}

    assert ask(program, body, user="") == (401, "unauthorized")
    assert ask(program, body, user="alice:wrong") == (401, "unauthorized")
    assert ask(program, body, user="bob:secret") == (403, "no_route")
    assert smsc.texts == []


def test_submits_for_another_store_are_refused(lane, smsc) -> None:
    """Its tokens may be with the carrier already, and are unknown here."""
    program = lane()
    log = program.request("GET", "/lane/log?after=0", user="root:hush")[1]["log"]

    assert ask(program, {"log": "0" * 16, "submits": [program.message()]}) == (409, "other_log")
    assert smsc.texts == []
    assert ask(program, {"log": log, "submits": [program.message()]}) == (200, None)


def test_a_malformed_request_is_refused_whole(lane) -> None:
    program = lane()

    for raw in (b"{", b"[" * 100_000, b"[]", b'{"submits": 1}', b"\xff", b'{"submits": [1]}'):
        assert ask(program, raw=raw) == (400, "malformed"), raw[:20]
    assert ask(program, {"submits": [{**program.message(), "token": 'a"b'}]})[0] == 400
    assert ask(program, {"submits": [program.message()] * 1001}) == (413, "too_large")
    assert ask(program, raw=b" " * 4_000_001) == (413, "too_large")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("from", "A" * 22),
        ("from", "Ω"),
        ("to", ""),
        ("to", 33612345678),
        ("parts", []),
        ("parts", ["0"]),
        ("parts", "00"),
        ("parts", [1]),
        ("parts", ["00"] * 256),
        ("udhi", 1),
        ("data_coding", 256),
        ("data_coding", True),
        ("tlvs", [[0, "00"]]),
        ("tlvs", [[5120, "0"]]),
        ("tlvs", {"a": 1}),
        ("tlvs", ["ab"]),
        ("validity", "0" * 17),
        ("expires_in", "1"),
        ("expires_in", float("nan")),
    ],
)
def test_an_invalid_submit_is_refused_and_its_field_is_named(shared, field, value) -> None:
    program = shared
    right = program.message()

    wrong, taken = program.submit({**program.message(), field: value}, right)

    assert wrong["accepted"] is False and wrong["reason"] == "invalid"
    assert wrong["detail"].startswith(f"{field}:")
    assert taken["accepted"] is True


def test_an_expired_submit_is_refused(lane) -> None:
    program = lane()

    assert program.submit(program.message(expires_in=0))[0]["reason"] == "expired"


def test_without_a_bind_submits_are_refused(lane, smsc) -> None:
    program = lane(loss_delay=30)
    smsc.links[0].close()
    until(lambda: program.state()["state"] == "NONE")

    assert program.submit(program.message())[0]["reason"] == "not_bound"


def test_a_receiver_takes_no_submits(lane) -> None:
    program = lane(bind_type="receiver")

    assert program.state()["state"] == "BOUND_RX"
    assert program.submit(program.message())[0]["reason"] == "not_bound"


def test_submits_beyond_the_queue_are_refused_at_once(lane, smsc) -> None:
    program = lane(window=1)
    smsc.on[SUBMIT] = lambda link, sequence, body: None
    results = []
    for _ in range(6):
        results += program.submit(*(program.message() for _ in range(1000)))

    reasons = [each.get("reason") for each in results]
    assert reasons.count(None) in (5000, 5001)
    assert set(reasons[5001:]) == {"full"}


def test_a_submit_that_fits_no_pdu_ends_as_not_sent(lane) -> None:
    program = lane()
    program.submit(program.message(**{"to": "+" + "1" * 20, "from": "A" * 20}), program.message())

    told = {each["kind"] for each in program.wait_for_records(2)}
    assert told == {"answer"} or told == {"answer", "not_sent"}
