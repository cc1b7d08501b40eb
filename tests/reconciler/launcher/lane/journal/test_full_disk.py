"""A journal whose disk takes nothing, or takes a part."""

from __future__ import annotations

import errno
import os

import pytest

from reconciler.launcher.lane.journal import journal as journals
from reconciler.launcher.lane.journal import log_records, segment_files
from reconciler.launcher.lane.journal.journal import Journal
from reconciler.launcher.lane.message import WAITING
from tests.reconciler.launcher.lane.journal.conftest import (
    Disk,
    answer,
    fill_files,
    left,
    log_of,
    message,
)


def test_on_a_full_disk_a_file_with_an_open_message_waits_to_be_deleted(
    folder, monkeypatch
) -> None:
    monkeypatch.setattr(journals, "SEGMENT_OCTETS", 1)
    disk = Disk(monkeypatch)
    ours = Journal(folder)
    ours.accept([message("held")])
    accepted_in = ours._segments.current.path
    fill_files(ours, 10)

    disk.room = 0
    ours.acknowledge(ours.last)
    assert accepted_in.exists()
    assert [*ours.open] == ["held"]

    disk.room = None
    before = ours.octets
    ours.acknowledge(ours.last)
    assert not accepted_in.exists()
    assert ours.octets < before
    assert left(folder) == {"held": bytes([WAITING])}


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


@pytest.mark.parametrize("room", [0, 5])
def test_where_no_other_file_fits_the_current_one_takes_more(folder, monkeypatch, room) -> None:
    monkeypatch.setattr(journals, "SEGMENT_OCTETS", 1)
    disk = Disk(monkeypatch)
    ours = Journal(folder)
    disk.room, disk.only_reserved = room, True
    current = ours._segments.current
    ours.accept([message("a")])
    ours.accept([message("b")])

    assert ours._segments.current is current
    assert list(folder.glob(f"*{segment_files.SUFFIX}")) == [current.path]

    disk.room = None
    ours.accept([message("c")])
    assert ours._segments.current.number == current.number + 1
    assert list(left(folder)) == ["a", "b", "c"]


def test_a_probe_finds_out_whether_the_disk_takes_anything(folder, monkeypatch) -> None:
    disk = Disk(monkeypatch)
    ours = Journal(folder)
    disk.room = 0
    with pytest.raises(OSError):
        ours.probe()

    disk.room = None
    ours.probe()
    ours.accept([message("a")])
    assert list(left(folder)) == ["a"]
    assert log_of(Journal(folder)) == []


def test_after_a_torn_write_that_can_not_be_cut_off_nothing_is_taken_until_a_restart(
    folder, monkeypatch
) -> None:
    disk = Disk(monkeypatch)
    ours = Journal(folder)
    ours.accept([message("a")])
    disk.room = 20

    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(segment_files.os, "ftruncate", broken)
        with pytest.raises(OSError):
            ours.accept([message("b")])
    disk.room = None
    with pytest.raises(OSError, match="could not be cut"):
        ours.accept([message("c")])  # it would follow half a line
    with pytest.raises(OSError, match="could not be cut"):
        ours.probe()

    theirs = Journal(folder)
    assert list(theirs.open) == ["a"]
    theirs.accept([message("c")])
    assert list(left(folder)) == ["a", "c"]


def test_what_the_disk_has_not_synced_is_synced_the_next_time(folder, monkeypatch) -> None:
    monkeypatch.setattr(journals, "SEGMENT_OCTETS", 1)
    ours = Journal(folder)
    ours.accept([message("a")])
    ours.accept([message("b")])
    files = ours.unsynced()
    assert len(files) > 1

    def broken(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(segment_files.os, "fdatasync", broken)
        with pytest.raises(OSError):
            ours.sync(files)

    assert ours.unsynced() == files
    ours.sync(files)
    assert ours.unsynced() == files[-1:]
    for file in files[:-1]:
        with pytest.raises(OSError):
            os.fstat(file)  # closed: they are full
