"""What platforms and plain `/send` are told of their messages; the modules by themselves, in
Jasmin's own Python."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.reconciler.launcher import inside

pytestmark = pytest.mark.stack

# `steps` are calls on what a process has; what was handed over in it is printed.
PROGRAM = """
import json, os, sys, traceback
from pathlib import Path
from types import SimpleNamespace
from twisted.internet import defer, reactor
from messaging.smpp.protocol.pdu import read, write
from messaging.smpp.protocol.tlv import Tlv
from reconciler.launcher import outbox, reports
from reconciler.launcher.lane.submit import End, Submit

said, heard = [], {"taken": True}

def courier(report):
    of = report.said
    said.append(of["form"] if "form" in of else of["fields"]["short_message"])
    if heard["taken"]:
        return defer.succeed(None)
    return defer.fail(outbox.NotTaken("not now", again=heard.get("again", True)))

box = outbox.Outbox(Path(sys.argv[1]), courier)
all_reports = reports.Reports(Path(sys.argv[1]), box, lambda cid: heard.get("bases", 0))
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
    all_reports.ended(submit, End(part, status, id))

def receipt(id="A1B2", stat="DELIVRD", err="000", esm_class=4, source="33612345678"):
    raw = write("deliver_sm", sequence=1, esm_class=esm_class, source_addr=source,
                destination_addr="ACME", short_message=f"id:{id} stat:{stat} err:{err}")
    return all_reports.delivered(connector, read(raw))

def steps():
    try:
        STEPS
    except BaseException:
        traceback.print_exc()
        os._exit(1)

reactor.callLater(0, steps)
reactor.callLater(0.2, reactor.stop)
reactor.run()
print(json.dumps(said))
"""


def run(folder: Path, *steps: str) -> list:
    program = PROGRAM.replace("STEPS", "; ".join(steps) or "pass")
    done = inside.run(program, str(folder))
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
    ("stat", "err", "told"),
    [
        ("DELIVRD", "000", ["t1", "DELIVRD", "000"]),
        ("UNDELIV", "021", ["t1", "UNDELIV", "021"]),
        ("FAILED", "0x45", ["t1", "UNDELIV", "0x45"]),
        ("EXPIRED", "", ["t1", "EXPIRED", "000"]),
    ],
)
def test_a_receipt_names_the_message_by_our_id(tmp_path: Path, stat, err, told) -> None:
    found = run(tmp_path, "end(submit())", f"assert receipt(stat={stat!r}, err={err!r})")

    assert words(found) == [told]


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        ("end(submit(), status=11)", ["t1", "UNDELIV", "011"]),
        ("end(submit(), status=1025)", ["t1", "UNDELIV", "1025"]),
        ("end(submit(), status=None)", ["t1", "UNKNOWN", "000"]),
        ("end(submit(), status=None, part=None)", ["t1", "UNDELIV", "000"]),
    ],
)
def test_an_end_without_a_receipt_is_told_too(tmp_path: Path, ending, told) -> None:
    assert words(run(tmp_path, ending)) == [told]


def test_who_asked_for_nothing_hears_nothing(tmp_path: Path) -> None:
    assert run(tmp_path, "end(submit(receipts=0))", "assert not receipt()") == []


def test_who_asked_for_failures_hears_of_those_alone(tmp_path: Path) -> None:
    found = run(
        tmp_path,
        *("end(submit('t1', receipts=2), id='1')", "receipt('1')"),
        *("end(submit('t2', receipts=2), id='2')", "receipt('2', 'UNDELIV')"),
    )

    assert words(found) == [["t2", "UNDELIV", "000"]]


def test_an_interim_receipt_is_for_who_asked_and_ends_nothing(tmp_path: Path) -> None:
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


def test_a_receipt_that_comes_twice_is_told_once_and_is_no_strangers(tmp_path: Path) -> None:
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
def test_a_receipt_of_another_message_is_not_taken(tmp_path: Path, other: str) -> None:
    assert run(tmp_path, "end(submit())", f"assert not {other}") == []


def test_ids_are_read_as_the_carrier_writes_them(tmp_path: Path) -> None:
    found = run(tmp_path, "heard['bases'] = 1", "end(submit(), id='FF')", "assert receipt('255')")

    assert words(found) == [["t1", "DELIVRD", "000"]]


def test_a_message_of_parts_is_told_once_by_the_worst(tmp_path: Path) -> None:
    found = run(
        tmp_path,
        "one = submit(parts=3)",
        *(f"end(one, id='{part}', part={part})" for part in range(3)),
        "receipt('1', 'UNDELIV', '021')",
        "receipt('0')",
        "receipt('2')",
    )

    assert words(found) == [["t1", "UNDELIV", "021"]]


def test_it_is_known_to_the_next_process(tmp_path: Path) -> None:
    run(tmp_path, "end(submit())")

    assert words(run(tmp_path, "assert receipt()")) == [["t1", "DELIVRD", "000"]]
    assert run(tmp_path) == []


def test_what_was_not_taken_is_tried_by_the_next_process(tmp_path: Path) -> None:
    first = run(tmp_path, "heard['taken'] = False", "end(submit())", "receipt()")

    assert run(tmp_path) == first
    assert run(tmp_path) == []


def test_an_end_that_is_heard_again_after_a_kill_changes_nothing(tmp_path: Path) -> None:
    run(tmp_path, "end(submit())")

    found = run(tmp_path, "end(submit(), status=None)", "assert receipt()")

    assert words(found) == [["t1", "DELIVRD", "000"]]


@pytest.mark.parametrize(
    ("level", "told"),
    [
        (1, [("1", "ESME_ROK")]),
        (2, [("2", "DELIVRD")]),
        (3, [("1", "ESME_ROK"), ("2", "DELIVRD")]),
    ],
)
def test_an_address_hears_what_it_asked_for(tmp_path: Path, level: int, told: list) -> None:
    found = run(tmp_path, f"end(submit(origin='http', level={level}))", "receipt()")

    assert [(str(form["level"]), form["message_status"]) for form in found] == told
    assert {form["id"] for form in found} == {"t1"}


def test_an_address_hears_of_a_status_that_nobody_has_named(tmp_path: Path) -> None:
    found = run(tmp_path, "end(submit(origin='http', level=1), status=0x401)")

    assert found[0]["message_status"] == "ESME_0x00000401"


def test_a_line_that_was_not_written_whole_is_left_out(tmp_path: Path) -> None:
    run(tmp_path, "end(submit())")
    with (tmp_path / "awaited.events").open("ab") as file:
        file.write(b'{"token":"t1","settl')

    assert words(run(tmp_path, "assert receipt()")) == [["t1", "DELIVRD", "000"]]
