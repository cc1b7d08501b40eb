"""Reports of messages: the modules of `dlr` by themselves, in Jasmin's Python."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.reconciler.launcher import jasmin_python

pytestmark = pytest.mark.stack

# STEPS are calls in the process; the reports that it delivered are printed.
PROGRAM = """
import json, os, sys, traceback
from pathlib import Path
from types import SimpleNamespace
from twisted.internet import defer, reactor
from messaging.smpp.protocol.pdu import read, write
from messaging.smpp.protocol.tlv import Tlv
from reconciler.launcher.dlr import lookup, retry_queue
from reconciler.launcher.lane.submit import Outcome, Submit

reported, options = [], {"taken": True}

def throw(report):
    of = report.said
    reported.append(of["form"] if "form" in of else of["fields"]["short_message"])
    if options["taken"]:
        return defer.succeed(None)
    return defer.fail(retry_queue.DeliveryFailed("not now", again=options.get("again", True)))

queue = retry_queue.RetryQueue(Path(sys.argv[1]), throw)
reports = lookup.DlrLookup(Path(sys.argv[1]), queue, lambda cid: options.get("bases", 0))
connector = SimpleNamespace(settings=SimpleNamespace(account="a1"), cid="c1", in_flight=1)

def submit(token="t1", parts=1, origin="access", receipts=1, level=3):
    extra = {"_account": "a1"}
    if origin == "access":
        extra |= dict(_system_id="acme", registered_delivery=receipts, source_addr_ton=5,
                      source_addr_npi=0, dest_addr_ton=1, dest_addr_npi=1)
    else:
        extra["_report"] = dict(url="http://h/x", level=level, method="POST", connector="c1")
    return Submit(token, "ACME", "33612345678", [b"hello"] * parts, origin=origin, extra=extra)

def end(submit, status=0, id="A1B2", part=0):
    reports.on_outcome(submit, Outcome(part, status, id))

def receipt(id="A1B2", stat="DELIVRD", err="000", esm_class=4, source="33612345678"):
    raw = write("deliver_sm", sequence=1, esm_class=esm_class, source_addr=source,
                destination_addr="ACME", short_message=f"id:{id} stat:{stat} err:{err}")
    return reports.on_deliver(connector, read(raw))

def steps():
    try:
        STEPS
    except BaseException:
        traceback.print_exc()
        os._exit(1)

reactor.callLater(0, steps)
reactor.callLater(0.2, reactor.stop)
reactor.run()
print(json.dumps(reported))
"""


def run(folder: Path, *steps: str) -> list:
    program = PROGRAM.replace("STEPS", "; ".join(steps) or "pass")
    done = jasmin_python.run(program, str(folder))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def words(texts: list[str]) -> list[list[str]]:
    """Token, state and error of each receipt."""
    found = []
    for text in texts:
        fields = dict(each.split(":", 1) for each in text.split() if ":" in each)
        found.append([fields["id"], fields["stat"], fields["err"]])
    return found


@pytest.mark.parametrize(
    ("stat", "err", "reported"),
    [
        ("DELIVRD", "000", ["t1", "DELIVRD", "000"]),
        ("UNDELIV", "021", ["t1", "UNDELIV", "021"]),
        ("FAILED", "0x45", ["t1", "UNDELIV", "0x45"]),
        ("EXPIRED", "", ["t1", "EXPIRED", "000"]),
    ],
)
def test_a_receipt_names_the_message_by_our_id(tmp_path: Path, stat, err, reported) -> None:
    found = run(tmp_path, "end(submit())", f"assert receipt(stat={stat!r}, err={err!r})")

    assert words(found) == [reported]


@pytest.mark.parametrize(
    ("ending", "reported"),
    [
        ("end(submit(), status=11)", ["t1", "UNDELIV", "011"]),
        ("end(submit(), status=1025)", ["t1", "UNDELIV", "1025"]),
        ("end(submit(), status=None)", ["t1", "UNKNOWN", "000"]),
        ("end(submit(), status=None, part=None)", ["t1", "UNDELIV", "000"]),
    ],
)
def test_an_end_without_a_receipt_is_reported_too(tmp_path: Path, ending, reported) -> None:
    assert words(run(tmp_path, ending)) == [reported]


def test_without_registered_delivery_nothing_is_reported(tmp_path: Path) -> None:
    assert run(tmp_path, "end(submit(receipts=0))", "assert not receipt()") == []


def test_failures_alone_are_reported_where_only_they_are_asked_for(tmp_path: Path) -> None:
    found = run(
        tmp_path,
        *("end(submit('t1', receipts=2), id='1')", "receipt('1')"),
        *("end(submit('t2', receipts=2), id='2')", "receipt('2', 'UNDELIV')"),
    )

    assert words(found) == [["t2", "UNDELIV", "000"]]


def test_an_interim_receipt_is_reported_on_request_and_ends_nothing(tmp_path: Path) -> None:
    found = run(
        tmp_path,
        *("end(submit('t1'), id='1')", "assert receipt('1', 'ENROUTE')", "receipt('1')"),
        *("end(submit('t2', receipts=17), id='2')", "receipt('2', 'ENROUTE')", "receipt('2')"),
    )

    assert words(found) == [
        ["t1", "DELIVRD", "000"],
        ["t2", "ENROUTE", "000"],
        ["t2", "DELIVRD", "000"],
    ]


def test_a_receipt_before_its_answer_waits_for_it(tmp_path: Path) -> None:
    assert words(run(tmp_path, "receipt()", "end(submit())")) == [["t1", "DELIVRD", "000"]]


def test_a_receipt_that_comes_twice_is_reported_once(tmp_path: Path) -> None:
    found = run(tmp_path, "end(submit())", "assert receipt() and receipt()")

    assert len(found) == 1
    assert run(tmp_path, "assert receipt()") == []  # by the next process, too


@pytest.mark.parametrize(
    "other",
    [
        "receipt('B1')",
        "receipt(source='33699999999')",
        "receipt(esm_class=0, source='33699999999')",
    ],
)
def test_a_receipt_of_another_message_is_not_matched(tmp_path: Path, other: str) -> None:
    assert run(tmp_path, "end(submit())", f"assert not {other}") == []


def test_ids_are_read_as_the_carrier_writes_them(tmp_path: Path) -> None:
    found = run(tmp_path, "options['bases'] = 1", "end(submit(), id='FF')", "assert receipt('255')")

    assert words(found) == [["t1", "DELIVRD", "000"]]


def test_a_message_of_parts_is_reported_once_with_the_worst_state(tmp_path: Path) -> None:
    found = run(
        tmp_path,
        "one = submit(parts=3)",
        *(f"end(one, id='{part}', part={part})" for part in range(3)),
        "receipt('1', 'UNDELIV', '021')",
        "receipt('0')",
        "receipt('2')",
    )

    assert words(found) == [["t1", "UNDELIV", "021"]]


def test_an_awaited_message_is_known_to_the_next_process(tmp_path: Path) -> None:
    run(tmp_path, "end(submit())")

    assert words(run(tmp_path, "assert receipt()")) == [["t1", "DELIVRD", "000"]]
    assert run(tmp_path) == []


def test_what_was_not_taken_is_tried_by_the_next_process(tmp_path: Path) -> None:
    first = run(tmp_path, "options['taken'] = False", "end(submit())", "receipt()")

    assert run(tmp_path) == first
    assert run(tmp_path) == []


def test_an_outcome_that_is_repeated_after_a_kill_changes_nothing(tmp_path: Path) -> None:
    run(tmp_path, "end(submit())")

    found = run(tmp_path, "end(submit(), status=None)", "assert receipt()")

    assert words(found) == [["t1", "DELIVRD", "000"]]


@pytest.mark.parametrize(
    ("level", "reported"),
    [
        (1, [("1", "ESME_ROK")]),
        (2, [("2", "DELIVRD")]),
        (3, [("1", "ESME_ROK"), ("2", "DELIVRD")]),
    ],
)
def test_a_url_gets_the_levels_it_asked_for(tmp_path: Path, level: int, reported: list) -> None:
    found = run(tmp_path, f"end(submit(origin='http', level={level}))", "receipt()")

    assert [(str(form["level"]), form["message_status"]) for form in found] == reported
    assert {form["id"] for form in found} == {"t1"}


def test_a_url_gets_the_number_of_a_status_without_a_name(tmp_path: Path) -> None:
    found = run(tmp_path, "end(submit(origin='http', level=1), status=0x401)")

    assert found[0]["message_status"] == "ESME_0x00000401"


def test_a_torn_line_is_left_out(tmp_path: Path) -> None:
    run(tmp_path, "end(submit())")
    with (tmp_path / "awaited.events").open("ab") as file:
        file.write(b'{"token":"t1","settl')

    assert words(run(tmp_path, "assert receipt()")) == [["t1", "DELIVRD", "000"]]
