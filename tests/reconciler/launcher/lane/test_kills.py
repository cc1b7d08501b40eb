"""Kills at random moments under load: nothing is lost, nothing goes out twice."""

from __future__ import annotations

import contextlib
import itertools
import random
import threading
import time
from collections import Counter

import pytest

from tests.reconciler.launcher.lane.conftest import LaneProcess, until
from tests.reconciler.launcher.lane.smsc import DELIVER, RECEIPT, RESPONSE, Smsc, deliver, pdu

KILLS = 10
WINDOW = 10


class Site:
    """The site: submits in batches until all are accepted, and reads the log."""

    def __init__(self, program: LaneProcess) -> None:
        self.program = program
        self.accepted: list[str] = []
        self._numbers = itertools.count()
        self._is_over = False
        self._threads = [threading.Thread(target=each) for each in (self._submit, self._read)]
        for each in self._threads:
            each.start()

    def _submit(self) -> None:
        while not self._is_over:
            tokens = [f"m{next(self._numbers)}" for _ in range(20)]
            while not self._is_over and tokens:
                messages = [self.program.message(token, token=token) for token in tokens]
                try:
                    results = self.program.submit(*messages)
                except (OSError, AssertionError):
                    time.sleep(0.02)
                    continue
                self.accepted += [each["token"] for each in results if each["accepted"]]
                tokens = [each["token"] for each in results if not each["accepted"]]
                time.sleep(0.02)

    def _read(self) -> None:
        while not self._is_over:
            try:
                self.program.read(wait=0.2)
            except OSError:
                time.sleep(0.02)

    def stop(self) -> None:
        self._is_over = True
        for each in self._threads:
            each.join()


class Phones:
    """The carrier sends receipts, and notes which are acknowledged."""

    def __init__(self, smsc: Smsc) -> None:
        self.acknowledged: set[int] = set()
        self._smsc = smsc
        self._numbers = itertools.count(1)
        smsc.on[DELIVER | RESPONSE] = self._acknowledge
        self._is_over = False
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    def _send(self) -> None:
        while not self._is_over:
            number = next(self._numbers)
            with contextlib.suppress(OSError):
                self._smsc.links[-1].send(pdu(DELIVER, number, deliver(RECEIPT % b"%X" % number)))
            time.sleep(0.005)

    def _acknowledge(self, link, sequence, body) -> None:
        self.acknowledged.add(sequence)

    def stop(self) -> None:
        self._is_over = True
        self._thread.join()


@pytest.mark.slow("ten kills under load")
def test_nothing_is_lost_or_twice(lane, smsc) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    program = lane(window=WINDOW, binds=3)
    site, phones = Site(program), Phones(smsc)
    try:
        for _ in range(KILLS):
            time.sleep(dice.uniform(0.05, 0.8))
            program.kill()
            program.start()
        program.bound()
    finally:
        site.stop()
        phones.stop()

    accepted = set(site.accepted)

    def ended() -> bool:
        program.read()
        return accepted <= {each["token"] for each in program.records if "token" in each}

    until(ended)
    program.read()
    ends = Counter(each["token"] for each in program.records if "token" in each)
    kinds = Counter(each["kind"] for each in program.records)
    print(f"{len(accepted)} accepted, {dict(kinds)}, {len(phones.acknowledged)} acknowledged")
    assert set(ends.values()) == {1}
    assert max(Counter(smsc.texts).values()) == 1
    answered = {each["token"].encode() for each in program.records if each["kind"] == "answer"}
    assert answered <= set(smsc.texts)
    unsent = {each["token"].encode() for each in program.records if each["kind"] == "not_sent"}
    assert not unsent & set(smsc.texts)
    assert kinds["no_answer"] <= KILLS * WINDOW
    delivered = {
        int.from_bytes(bytes.fromhex(each["raw"])[12:16])
        for each in program.records
        if each["kind"] == "deliver"
    }
    assert phones.acknowledged <= delivered


def test_what_waits_goes_out_after_a_kill_and_what_was_written_is_told(lane, smsc) -> None:
    program = lane(window=1)
    smsc.on[4] = lambda link, sequence, body: None
    written, waiting, old = program.message("1"), program.message("2"), program.message("3")
    program.submit(written, waiting, {**old, "expires_in": 1})
    until(lambda: smsc.texts)
    time.sleep(1)

    program.kill()
    smsc.on[4] = smsc.take
    program.start()

    told = {
        each["token"]: (each["kind"], each.get("why", "")) for each in program.wait_for_records(3)
    }
    assert told[written["token"]][0] == "no_answer"
    assert told[waiting["token"]] == ("answer", "")
    assert told[old["token"]] in (("not_sent", "expired"), ("not_sent", "unbound"))
    assert smsc.texts == [b"1", b"2"]
    assert program.submit(written, waiting, old) == [
        {"token": each["token"], "accepted": True} for each in (written, waiting, old)
    ]


def test_an_orderly_end_waits_for_answers_and_leaves_the_rest_to_the_next(lane, smsc) -> None:
    program = lane(window=1)

    def late(link, sequence, body):
        time.sleep(0.3)
        smsc.take(link, sequence, body)

    smsc.on[4] = late
    program.submit(*(program.message(str(number)) for number in range(3)))
    until(lambda: smsc.texts)
    program.do("close")
    program.process.communicate()
    assert smsc.texts == [b"0"]

    program.start()

    assert [each["kind"] for each in program.wait_for_records(3)] == ["answer"] * 3
    assert smsc.texts == [b"0", b"1", b"2"]
