"""Reading the log."""

from __future__ import annotations

import threading
import time

from tests.reconciler.launcher.lane.conftest import LaneProcess, until
from tests.reconciler.launcher.lane.smsc import DELIVER, RECEIPT, deliver, pdu

OPERATOR = "root:hush"


def read(program: LaneProcess, query: str, user: str = OPERATOR) -> tuple[int, dict]:
    return program.request("GET", f"/lane/log?{query}", user=user)


def test_a_waiting_reader_is_answered_at_once(lane, smsc) -> None:
    program = lane()
    assert read(program, "after=0")[1]["records"] == []
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(read(program, "after=0&wait=30")))
    waiting.start()
    time.sleep(0.2)
    smsc.links[0].send(pdu(DELIVER, 1, deliver(RECEIPT % b"A")))
    waiting.join(timeout=60)

    ((status, answer),) = answers
    assert status == 200
    assert (answer["first"], answer["last"]) == (1, 1)
    assert [each["kind"] for each in answer["records"]] == ["deliver"]


def test_a_wait_ends_without_records_too(lane) -> None:
    program = lane()

    status, answer = read(program, "after=0&wait=0.3")

    assert (status, answer["records"]) == (200, [])


def test_no_more_than_the_limit_comes_and_reading_goes_on(lane, smsc) -> None:
    program = lane()
    for number in range(1, 8):
        smsc.links[0].send(pdu(DELIVER, number, deliver(RECEIPT % b"A")))
    program.wait_for_records(7)

    numbers, after = [], 0
    while found := read(program, f"after={after}&limit=3")[1]["records"]:
        assert len(found) <= 3
        numbers += [each["n"] for each in found]
        after = numbers[-1]
    assert numbers == list(range(1, 8))


def test_another_log_is_refused_and_forgets_nothing(lane, smsc) -> None:
    program = lane()
    smsc.links[0].send(pdu(DELIVER, 1, deliver(RECEIPT % b"A")))
    program.wait_for_records(1)
    log = read(program, "after=0")[1]["log"]

    assert read(program, "after=2")[1]["error"] == "other_log"
    assert read(program, "after=1&log=0123456789abcdef")[0] == 409
    assert read(program, f"after=0&log={log}")[0] == 200


def test_only_the_operator_reads_and_only_numbers_count(lane) -> None:
    program = lane()

    assert read(program, "after=0", user="")[0] == 401
    assert read(program, "after=0", user="alice:secret")[0] == 401
    for query in ("after=x", "after=-1", "after=nan", "after=0&wait=x", "limit=1e400"):
        assert read(program, query)[0] == 400, query


def test_only_sixteen_readers_wait(lane, smsc) -> None:
    program = lane()
    statuses: list[int] = []
    waiting = [
        threading.Thread(target=lambda: statuses.append(read(program, "after=0&wait=30")[0]))
        for _ in range(20)
    ]
    for each in waiting:
        each.start()
    until(lambda: len(statuses) == 4)
    smsc.links[0].send(pdu(DELIVER, 1, deliver(RECEIPT % b"A")))
    for each in waiting:
        each.join()

    assert statuses.count(200) == 16 and statuses.count(503) == 4
