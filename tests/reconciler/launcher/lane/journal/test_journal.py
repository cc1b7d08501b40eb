"""What the journal has after kills, power cuts and full disks."""

from __future__ import annotations

import errno
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from reconciler.launcher.lane.journal import ended_tokens, log_records, recovery, segment_files
from reconciler.launcher.lane.journal import journal as journals
from reconciler.launcher.lane.journal.journal import Journal
from reconciler.launcher.lane.message import WAITING, WRITTEN, Message
from reconciler.launcher.lane.submit import Submit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "lane"


def message(token: str, *, parts: int = 1, until: float = 60.0, **fields: Any) -> Message:
    submit = Submit(token, "ACME", "+33612345678", [b"hi"] * parts, **fields)
    return Message(submit, "obcarrier", time.monotonic() + until)


def answer(journal: Journal, message: Message, part: int = 0, status: int = 0) -> None:
    journal.end(message, part, log_records.answer(message, part, "account", status, 'A"1'))


def log_of(journal: Journal) -> list[tuple[int, str, str]]:
    found: list[tuple[int, str, str]] = []
    after = 0
    while new := [json.loads(record) for record in journal.read(after, 1000)]:
        found += [(each["n"], each["kind"], each.get("token", "")) for each in new]
        after = found[-1][0]
    return found


def left(folder: Path) -> dict[str, bytes]:
    return {token: bytes(each.states) for token, each in Journal(folder).open.items()}


def test_accepted_written_and_answered_are_told_apart(folder) -> None:
    ours = Journal(folder)
    accepted, written, answered = message("accepted"), message("written"), message("answered")
    ours.accept([accepted, written, answered])
    ours.write([(written, 0), (answered, 0)])
    answer(ours, answered)
    ours.commit()

    assert left(folder) == {"accepted": bytes([WAITING]), "written": bytes([WRITTEN])}
    theirs = Journal(folder)
    assert log_of(theirs) == [(1, "answer", "answered")]
    assert json.loads(theirs.read(0, 1)[0])["id"] == 'A"1'
    assert [theirs.knows(each) for each in ("accepted", "answered", "new")] == [True, True, False]


def test_a_submit_is_restored_whole(folder) -> None:
    given = message("a", parts=2, until=60, udhi=True, data_coding=8, validity="000000000500000R")
    given.submit.extra["_own"] = {"x": 1}
    given.submit.origin, given.submit.user = "access", "acme"
    Journal(folder).accept([given])

    found = Journal(folder).open["a"]

    found.submit.expires_in = given.submit.expires_in  # `until` counts
    assert found.submit == given.submit
    assert found.until == pytest.approx(given.until)


def test_parts_end_one_by_one(folder) -> None:
    ours = Journal(folder)
    long = message("long", parts=3)
    ours.accept([long])
    ours.write([(long, 0), (long, 1)])
    answer(ours, long, 0)
    ours.commit()

    assert left(folder) == {"long": bytes([2, WRITTEN, WAITING])}


def test_a_part_that_is_retried_counts_as_waiting(folder) -> None:
    ours = Journal(folder)
    given = message("a", origin="access")
    ours.accept([given])
    ours.write([(given, 0)])
    ours.try_again(given, 0)
    ours.commit()

    assert left(folder) == {"a": bytes([WAITING])}


def test_a_message_that_ends_unsent_is_closed(folder) -> None:
    ours = Journal(folder)
    given = message("a", parts=2)
    ours.accept([given])
    ours.end_all(given, log_records.not_sent(given, "account", "expired"))
    ours.commit()

    assert left(folder) == {}
    assert log_of(Journal(folder)) == [(1, "not_sent", "a")]


@pytest.mark.parametrize("torn", [b"L", b'L {"n":3,"at', b"A {", b"W a", b"\xff\0\0", b"\0" * 50])
def test_what_a_kill_has_torn_is_cut_off(folder, torn) -> None:
    ours = Journal(folder)
    ours.deliver([log_records.deliver("c", "account", "s", b"1", access=False)])
    ours.deliver([log_records.deliver("c", "account", "s", b"2", access=False)])
    current = ours._segments.current
    with current.path.open("r+b") as file:
        file.seek(current.size)
        file.write(torn)

    theirs = Journal(folder)
    theirs.deliver([log_records.deliver("c", "account", "s", b"3", access=False)])

    assert [n for n, _, _ in log_of(Journal(folder))] == [1, 2, 3]
    assert current.path.stat().st_size == current.size


def test_numbers_go_on_over_files_and_lives(folder, monkeypatch) -> None:
    monkeypatch.setattr(journals, "SEGMENT_OCTETS", 2_000)
    monkeypatch.setattr(journals, "TAIL", 5)
    for _ in range(3):
        ours = Journal(folder)
        for _ in range(50):
            ours.deliver([log_records.deliver("c", "account", "s", b"1", access=False)] * 3)

    assert [n for n, _, _ in log_of(ours)] == list(range(1, 451))
    for after in (0, 1, 149, 150, 300, 444, 449):
        assert log_records.number(ours.read(after, 1)[0]) == after + 1
    assert ours.read(450, 1) == []
    assert 1 <= len(ours.read(0, 10)) <= 10


def test_files_are_deleted_once_the_site_has_their_records(folder, monkeypatch) -> None:
    monkeypatch.setattr(journals, "SEGMENT_OCTETS", 2_000)
    ours = Journal(folder)
    held = message("held")
    ours.accept([held])
    for number in range(100):
        each = message(f"t{number}")
        ours.accept([each])
        ours.write([(each, 0)])
        answer(ours, each)
        ours.commit()
    before = len(ours._segments.old)

    ours.acknowledge(50)
    assert ours.first <= 51
    assert log_of(Journal(folder))[-1][0] == 100

    ours.acknowledge(100)
    assert len(ours._segments.old) <= 1 < before
    assert left(folder) == {"held": bytes([WAITING])}  # taken along
    theirs = Journal(folder)
    assert all(theirs.knows(f"t{number}") for number in range(100))


def test_acknowledged_tokens_are_forgotten(folder, monkeypatch) -> None:
    monkeypatch.setattr(journals, "SEGMENT_OCTETS", 1)
    ours = Journal(folder)
    for token in ("a", "b"):
        each = message(token)
        ours.accept([each])
        answer(ours, each)
        ours.commit()
    ours.acknowledge(2)
    assert ours.knows("a")

    monkeypatch.setattr(ended_tokens, "MAX_TOKENS", 0)
    ours.acknowledge(2)
    assert not ours.knows("a")
    assert not list(folder.glob(f"*{ended_tokens.SUFFIX}"))


def test_a_new_store_is_another_log(tmp_path) -> None:
    first = Journal(tmp_path / "a")

    assert Journal(tmp_path / "a").log == first.log != Journal(tmp_path / "b").log


class Disk:
    """A disk that takes `room` octets more; a write that does not fit is cut short or fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room: int | None = None
        self._pwrite = os.pwrite
        monkeypatch.setattr(segment_files.os, "pwrite", self.pwrite)

    def pwrite(self, file: int, data: bytes, offset: int) -> int:
        if self.room is not None:
            if not self.room:
                raise OSError(errno.ENOSPC, "No space left on device")
            data = data[: self.room]
            self.room -= len(data)
        return self._pwrite(file, data, offset)


@pytest.mark.parametrize("room", [0, 1, 100, 250])
def test_on_a_full_disk_nothing_is_taken_or_written_and_answers_wait(
    folder, monkeypatch, room
) -> None:
    disk = Disk(monkeypatch)
    ours = Journal(folder)
    given, other = message("a"), message("b")
    ours.accept([given, other])
    ours.write([(given, 0)])
    disk.room = room

    with pytest.raises(OSError):
        ours.accept([message("c"), message("d"), message("e")])
    disk.room = 0
    with pytest.raises(OSError):
        ours.write([(other, 0)])
    answer(ours, given)
    with pytest.raises(OSError):
        ours.commit()
    with pytest.raises(OSError):
        ours.deliver([log_records.deliver("c", "account", "s", b"1", access=False)])
    assert not ours.knows("c") and ours.last == 0

    disk.room = None
    ours.deliver([log_records.deliver("c", "account", "s", b"2", access=False)])

    assert log_of(ours) == log_of(Journal(folder)) == [(1, "answer", "a"), (2, "deliver", "")]
    assert left(folder) == {"b": bytes([WAITING])}


def test_a_log_that_nobody_reads_ends_at_its_limit(folder) -> None:
    ours = Journal(folder, max_octets=10_000)
    record = log_records.deliver("c", "account", "s", bytes(100), access=False)
    with pytest.raises(OSError, match="nobody reads"):
        for _ in range(1000):
            ours.deliver([record])

    assert ours.is_full
    given = message("a")
    ours.accept([given])  # what is on its way ends all the same
    answer(ours, given)
    ours.commit()
    assert log_of(ours)[-1][1:] == ("answer", "a")


def test_after_a_power_cut_all_that_was_open_counts_as_written(folder, monkeypatch) -> None:
    Journal(folder).accept([message("a")])
    monkeypatch.setattr(recovery, "boot_id", lambda: "another")

    theirs = Journal(folder)

    assert theirs.is_doubtful
    assert theirs.open["a"].states == bytes([WRITTEN])


def test_after_an_orderly_end_and_a_restart_of_the_machine_it_goes_out(folder, monkeypatch) -> None:
    ours = Journal(folder)
    ours.accept([message("a", until=100)])
    ours.close()
    monkeypatch.setattr(recovery, "boot_id", lambda: "another")
    monkeypatch.setattr(recovery.time, "monotonic", lambda: 5.0)

    theirs = Journal(folder)

    assert not theirs.is_doubtful
    assert theirs.open["a"].states == bytes([WAITING])
    assert theirs.open["a"].until == pytest.approx(105, abs=2)


def test_only_its_owner_may_read_it(folder) -> None:
    ours = Journal(folder)

    assert folder.stat().st_mode & 0o777 == 0o700
    assert ours._segments.current.path.stat().st_mode & 0o777 == 0o600


def test_a_power_cut_is_not_forgotten_by_a_kill_right_after(folder, monkeypatch) -> None:
    Journal(folder).accept([message("a")])
    monkeypatch.setattr(recovery, "boot_id", lambda: "another")
    monkeypatch.setattr(segment_files, "boot_id", lambda: "another")
    Journal(folder)  # and it dies before it has written anything

    assert Journal(folder).open["a"].states == bytes([WRITTEN])
