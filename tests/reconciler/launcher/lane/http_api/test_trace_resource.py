"""The PDUs of one connector for some time, by the gateway's HTTP API."""

from __future__ import annotations

import itertools
from typing import Any

from messaging.smpp.protocol import pdu
from messaging.smpp.protocol.pdu import Pdu
from reconciler.gateway_api import MOST_TRACES
from tests.reconciler.launcher.lane.conftest import CID, LaneProcess, settings, until
from tests.reconciler.launcher.lane.smsc import DELIVER, RECEIPT, deliver
from tests.reconciler.launcher.lane.smsc import pdu as wire

PATH = "/lane/trace"
PASSWORD = "sixteen-letters!"
_ids = (f"trace{number}" for number in itertools.count(1))


def ask(program: LaneProcess, order: str, id: str, user: str = "root:hush", **body: Any) -> Any:
    return program.request("POST", PATH, {"do": order, "id": id, **body}, user)


def start(program: LaneProcess, *, cid: str = CID, seconds: float = 60, **rights: bool) -> str:
    id = next(_ids)
    body = {"cid": cid, "seconds": seconds, "texts": False, "numbers": False, **rights}
    status, said = ask(program, "start", id, **body)
    assert (status, said["state"]) == (200, "on"), said
    return id


def read(program: LaneProcess, id: str, after: int = 0) -> dict[str, Any]:
    return ask(program, "read", id, after=after)[1]


def pdus(said: dict[str, Any]) -> list[tuple[str, Pdu]]:
    return [(way, pdu.read(bytes.fromhex(raw))) for _, _, way, _, raw in said["pdus"]]


def commands(said: dict[str, Any]) -> list[str]:
    return [f"{way} {each.command}" for way, each in pdus(said)]


def test_both_directions_are_kept_with_time_number_and_addresses(lane, smsc) -> None:
    program = lane()
    id = start(program)
    program.submit(program.message())
    program.wait_for_records(1, "answer")

    said = read(program, id)

    assert commands(said) == ["out submit_sm", "in submit_sm_resp"]
    assert [each[0] for each in said["pdus"]] == [1, 2]
    assert said["pdus"][0][1] <= said["pdus"][1][1]
    ((host, own, peer, port),) = said["links"].values()
    assert (host, peer, port) == ("127.0.0.1", "127.0.0.1", smsc.port) and own
    assert read(program, id, after=1)["pdus"] == said["pdus"][1:]
    assert (said["state"], said["last"]) == ("on", 2) and 0 < said["left"] <= 60


def test_texts_and_numbers_are_masked_unless_they_may_be_seen(lane, smsc) -> None:
    program = lane()
    hidden = start(program)
    program.submit(program.message())
    program.wait_for_records(1, "answer")
    smsc.links[0].send(wire(DELIVER, 77, deliver(RECEIPT % b"A1" + b" text:hello")))
    program.wait_for_records(1, "deliver")
    until(lambda: len(read(program, hidden)["pdus"]) == 4)

    submit, _, receipt, _ = pdus(read(program, hidden))
    assert submit[1].payload == b"*****"
    assert submit[1].text("destination_addr") == "3361*****78"
    assert receipt[1].payload == RECEIPT % b"A1" + b" text:*****"

    ask(program, "stop", hidden)
    open_one = start(program, texts=True, numbers=True)
    program.submit(program.message())
    program.wait_for_records(2, "answer")
    submit, _ = pdus(read(program, open_one))
    assert submit[1].payload == b"hello"
    assert submit[1].text("destination_addr") == "33612345678"


def test_a_bind_that_comes_later_is_traced_from_its_beginning_without_the_password(
    lane, smsc
) -> None:
    program = lane()
    id = start(program, texts=True, numbers=True)
    smsc.links[0].close()
    until(lambda: len(smsc.links) == 2)
    program.bound()

    said = until(lambda: (found := read(program, id))["last"] == 2 and found)

    assert commands(said) == ["out bind_transceiver", "in bind_transceiver_resp"]
    bind = pdus(said)[0][1]
    assert (bind.text("system_id"), bind.text("password")) == ("acme", "*" * len(PASSWORD))
    assert PASSWORD.encode().hex() not in said["pdus"][0][4]


def test_it_ends_by_itself_and_keeps_what_it_has(lane, smsc) -> None:
    program = lane()
    id = start(program, seconds=0.2)
    program.submit(program.message())
    until(lambda: read(program, id)["state"] == "over")
    before = read(program, id)

    program.submit(program.message())
    program.wait_for_records(2, "answer")

    assert read(program, id)["pdus"] == before["pdus"]
    assert start(program) != id  # its place is free


def test_a_connector_has_one_trace_and_a_gateway_few(several, raw_smsc) -> None:
    program = several()
    for number in range(MOST_TRACES):
        program.do("add", cid=f"more{number}", settings=settings(raw_smsc.port))
    first = start(program)
    body = {"seconds": 60, "texts": False, "numbers": False}
    again = ask(program, "start", next(_ids), cid=CID, **body)[1]
    traced = [start(program, cid=f"more{number}") for number in range(MOST_TRACES - 1)]
    one_too_many = ask(program, "start", next(_ids), cid=f"more{MOST_TRACES - 1}", **body)[1]
    unknown = ask(program, "start", next(_ids), cid="nobody", **body)[1]

    assert [each["state"] for each in (again, one_too_many, unknown)] == ["refused"] * 3
    assert ("already" in again["why"], "5 traces" in one_too_many["why"]) == (True, True)
    assert "does not have" in unknown["why"]

    for each in (first, *traced):
        assert ask(program, "stop", each)[1]["state"] == "over"
    later = start(program, cid=f"more{MOST_TRACES - 1}")
    assert read(program, first)["state"] == "gone"  # the oldest has left its place
    ask(program, "stop", later)
    for number in range(MOST_TRACES):
        program.do("remove", cid=f"more{number}")


def test_to_start_it_twice_is_to_start_it_once(shared) -> None:
    id = start(shared)
    body = {"cid": CID, "seconds": 60, "texts": True, "numbers": True}

    assert ask(shared, "start", id, **body)[1]["state"] == "on"

    ask(shared, "stop", id)


def test_the_door_is_for_the_operator_and_says_what_is_wrong(shared) -> None:
    assert ask(shared, "read", "t", user="alice:secret", after=0)[0] == 401
    assert ask(shared, "read", "t", user="", after=0)[0] == 401
    right = {"cid": CID, "seconds": 60, "texts": False, "numbers": False}
    for wrong in ({"seconds": "1"}, {"seconds": -1}, {"texts": 1}, {"numbers": None}, {"cid": ""}):
        assert ask(shared, "start", "t", **right | wrong)[0] == 400, wrong
    for order, id in (("look", "t"), ("read", ""), ("read", "x" * 65), ("read", 7)):
        assert ask(shared, order, id, after=0)[0] == 400, (order, id)
    assert ask(shared, "read", "t", after=True)[0] == 400
    assert read(shared, "t") == {"state": "gone"}


def test_a_connector_that_is_added_again_is_traced_on(several, raw_smsc) -> None:
    program = several()
    id = start(program)
    program.do("remove", cid=CID)
    program.do("add", cid=CID, settings=settings(raw_smsc.port))
    program.bound()

    assert "out bind_transceiver" in commands(read(program, id))
    ask(program, "stop", id)
