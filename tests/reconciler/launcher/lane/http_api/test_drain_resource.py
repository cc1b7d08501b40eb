"""A gateway that is closed to what is new."""

from __future__ import annotations

from typing import Any

from tests.reconciler.launcher.lane.conftest import LaneProcess, until
from tests.reconciler.launcher.lane.smsc import SUBMIT

PATH = "/lane/drain"


def drain(program: LaneProcess, user: str = "root:hush", **body: Any) -> tuple[int, dict[str, Any]]:
    log = program.request("GET", "/lane/log?after=0", user="root:hush")[1]["log"]
    return program.request("POST", PATH, {"log": log, "closed": True} | body, user)


def test_what_is_new_is_refused_and_what_it_has_is_accepted_again(lane, smsc) -> None:
    program = lane()
    old, new = program.message(), program.message()
    program.submit(old)

    assert drain(program)[1]["closed"] is True

    results = program.submit(old, new)
    assert [each["accepted"] for each in results] == [True, False]
    assert results[1]["reason"] == "draining"
    assert smsc.texts == [b"hello"]


def test_platforms_and_plain_send_are_refused_too(lane) -> None:
    program = lane()
    drain(program)

    refused = program.do("submit", submit=_submit(program))

    assert refused == [["draining", "the gateway is being drained"]]


def test_it_says_what_it_never_accepted_and_how_much_is_open(lane, smsc) -> None:
    program = lane()
    smsc.on[SUBMIT] = lambda *_: None  # it never answers
    message = program.message()
    program.submit(message)

    answer = drain(program, tokens=[message["token"], "msg_a.1"])[1]

    assert answer == {"closed": True, "open": 1, "unknown": ["msg_a.1"]}


def test_what_has_ended_was_accepted(lane) -> None:
    program = lane()
    message = program.message()
    program.submit(message)
    program.wait_for_records(1, "answer")

    answer = drain(program, tokens=[message["token"]])[1]

    assert (answer["open"], answer["unknown"]) == (0, [])


def test_what_was_not_written_is_told_as_not_sent_where_it_is_withdrawn(lane, smsc) -> None:
    program = lane(window=1)
    smsc.on[SUBMIT] = lambda *_: None
    first, second = program.message(), program.message()
    program.submit(first, second)
    until(lambda: program.state()["in_flight"] == 1)

    drain(program)
    assert program.read() == []

    drain(program, withdraw=True)
    (record,) = program.wait_for_records(1)
    assert (record["kind"], record["token"]) == ("not_sent", second["token"])


def test_it_takes_messages_again_when_it_is_opened_or_started_again(lane, smsc) -> None:
    program = lane()
    drain(program)
    drain(program, closed=False)
    assert program.submit(program.message())[0]["accepted"] is True

    drain(program)
    program.kill()
    program.start()
    program.bound()
    assert program.submit(program.message())[0]["accepted"] is True


def test_only_the_consoles_user_may_and_only_for_its_own_log(lane) -> None:
    program = lane()

    assert drain(program, user="alice:secret")[0] == 401
    assert drain(program, log="0" * 16)[0] == 409
    for wrong in ({"closed": "yes"}, {"tokens": "msg"}, {"tokens": [1]}):
        assert drain(program, **wrong)[0] == 400, wrong
    assert drain(program, tokens=["a"] * 1001)[0] == 413
    assert program.submit(program.message())[0]["accepted"] is True


def _submit(program: LaneProcess) -> dict[str, Any]:
    message = program.message()
    return {
        "token": message["token"],
        "source": message["from"],
        "destination": message["to"],
        "parts": message["parts"],
        "origin": "access",
    }
