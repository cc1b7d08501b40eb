"""A disk that is full for a while, and a log that is not read."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reconciler.launcher.lane.conftest import until
from tests.reconciler.launcher.lane.smsc import DELIVER, RECEIPT, RESPONSE, SUBMIT, deliver, pdu

NOT_NOW = 0x64


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "lane", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root mounts a file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    path = folder / "ballast"
    with path.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                pass
    return path


def test_nothing_is_taken_written_or_acknowledged_and_then_all_goes_on(lane, smsc, small) -> None:
    program = lane(folder=small / "lane", window=1)
    held = []
    smsc.on[SUBMIT] = lambda link, sequence, body: held.append(sequence)
    first, second, third = (program.message(str(number)) for number in range(3))
    program.submit(first, second)
    until(lambda: held)

    ballast = fill(small)
    while True:  # what is left in the last page
        status, answer = program.request(
            "POST", "/lane/submits", {"submits": [program.message("x" * 70)] * 1}, "alice:secret"
        )
        if status == 503:
            break
    assert answer["error"] == "store"
    for number in range(1, 200):
        smsc.links[0].send(pdu(DELIVER, number, deliver(RECEIPT % b"A")))
    until(lambda: len(smsc.of(DELIVER | RESPONSE)) == 199)
    assert smsc.of(DELIVER | RESPONSE)[-1][0] == NOT_NOW
    acknowledged = [each for each in smsc.of(DELIVER | RESPONSE) if each[0] == 0]
    smsc.take(smsc.links[0], held.pop(), b"")  # its answer can't be written down either

    ballast.unlink()
    smsc.on[SUBMIT] = smsc.take
    for sequence in held:
        smsc.take(smsc.links[0], sequence, b"")
    results = until(
        lambda: (
            program.request("POST", "/lane/submits", {"submits": [third]}, "alice:secret")[0] == 200
        )
    )
    assert results
    program.wait_for_records(3, "answer")
    until(lambda: smsc.texts.count(b"2") == 1)

    program.kill()
    program.start()
    program.bound()
    program.read()
    tokens = [each["token"] for each in program.records if "token" in each]
    assert len(tokens) == len(set(tokens))
    assert {first["token"], second["token"], third["token"]} <= set(tokens)
    assert len([each for each in program.records if each["kind"] == "deliver"]) == len(acknowledged)
    texts = [text for text in smsc.texts if len(text) == 1]
    assert sorted(texts) == [b"0", b"1", b"2"]


def test_a_log_that_nobody_reads_grows_to_its_limit_and_the_carrier_keeps_the_rest(
    lane, smsc
) -> None:
    program = lane(max_octets=20_000)
    sent = 0

    def answers() -> list[int]:
        return [each[0] for each in smsc.of(DELIVER | RESPONSE)]

    while NOT_NOW not in answers():
        sent += 1
        smsc.links[0].send(pdu(DELIVER, sent, deliver(RECEIPT % b"A")))
        until(lambda count=sent: len(answers()) == count)

    (refused,) = program.submit(program.message())
    assert refused["reason"] == "full" and "the log is full" in refused["detail"]
    assert len(program.wait_for_records(sent - 1, "deliver")) == sent - 1


def test_a_disk_that_fills_up_within_a_request_refuses_nothing_that_was_taken(
    lane, smsc, small
) -> None:
    program = lane(folder=small / "lane", window=1)
    held = []
    smsc.on[SUBMIT] = lambda link, sequence, body: held.append((link, sequence))
    ballast = fill(small)
    with ballast.open("r+b") as file:  # room for one slice of a request
        file.truncate(ballast.stat().st_size - 20_000)
    batch = [program.message("x" * 140) for _ in range(100)]

    status, answer = program.request("POST", "/lane/submits", {"submits": batch}, "alice:secret")

    assert status == 200, answer
    taken = [each["token"] for each in answer["results"] if each["accepted"]]
    assert [each["token"] for each in answer["results"]] == [each["token"] for each in batch]
    assert 0 < len(taken) < 100
    assert {each.get("reason") for each in answer["results"]} == {None, "full"}

    ballast.unlink()
    until(lambda: held)
    smsc.on[SUBMIT] = smsc.take
    link, sequence = held.pop()
    smsc.take(link, sequence, b"")
    answers = program.wait_for_records(len(taken), "answer")
    assert [each["token"] for each in answers] == taken
