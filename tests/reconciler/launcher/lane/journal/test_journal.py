"""What the journal has after kills and power cuts."""

from __future__ import annotations

import json

import pytest

from messaging.smpp.protocol.tlv import Tlv
from reconciler.gateway_api import LoginRefusal, Undelivered
from reconciler.launcher.lane.journal import journal as journals
from reconciler.launcher.lane.journal import log_records, recovery, segment_files
from reconciler.launcher.lane.journal.journal import Journal
from reconciler.launcher.lane.message import ENDED, WAITING, WRITTEN
from tests.fixtures.clocks import give_clock
from tests.reconciler.launcher.lane.journal.conftest import (
    answer,
    fill_files,
    left,
    log_of,
    message,
)


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
    given.submit.tlvs = [Tlv(0x1400, b"\0own"), Tlv(0x1401, b"")]
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


def test_a_message_is_untouched_until_a_part_of_it_is_written(folder) -> None:
    ours = Journal(folder)
    given = message("a", parts=2)
    ours.accept([given])
    assert given.is_untouched

    ours.write([(given, 1)])
    assert not given.is_untouched


def test_refused_logins_and_ended_texts_have_numbers_too(folder) -> None:
    ours = Journal(folder)
    ours.accept([message("a")])
    refused = log_records.login("acme", "192.0.2.1", LoginRefusal.ADDRESS, silenced=True)
    promised = [ours.add(refused), ours.add(log_records.delivery("t", None, Undelivered.NOT_BOUND))]
    ours.commit()

    theirs = Journal(folder)
    assert log_of(ours) == log_of(theirs) == [(1, "login", ""), (2, "delivery", "t")]
    assert promised == [1, 2]
    assert list(theirs.open) == ["a"]
    login = json.loads(theirs.read(0, 1)[0])
    assert (login["user"], login["address"], login["silenced"]) == ("acme", "192.0.2.1", True)


def test_a_part_without_an_answer_has_ended_over_a_restart(folder) -> None:
    ours = Journal(folder)
    given = message("a", parts=2)
    ours.accept([given])
    ours.write([(given, 0), (given, 1)])
    ours.end(given, 0, log_records.no_answer(given, 0, "account", "timeout"))
    ours.commit()

    theirs = Journal(folder)
    assert bytes(theirs.open["a"].states) == bytes([ENDED, WRITTEN])
    record = json.loads(theirs.read(0, 1)[0])
    assert (record["kind"], record["part"], record["why"]) == ("no_answer", 0, "timeout")


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


@pytest.mark.parametrize(
    "torn", [b"", b"# 0123456789abcdef", b"# log boot 1.0 2.0 last\n", b"\xff\n"]
)
def test_a_file_whose_first_line_is_torn_is_removed_and_the_others_stay(folder, torn) -> None:
    ours = Journal(folder)
    ours.accept([message("a")])
    current = ours._segments.current
    next_one = current.path.with_name(f"{current.number + 1:08}{segment_files.SUFFIX}")
    next_one.write_bytes(torn)

    theirs = Journal(folder)

    assert (theirs.log, list(theirs.open)) == (ours.log, ["a"])
    assert theirs._segments.old[-1].path == current.path
    assert theirs._segments.current.path == next_one  # begun anew
    theirs.accept([message("b")])
    assert list(left(folder)) == ["a", "b"]


def test_a_page_ends_at_its_octets_but_has_one_record_at_least(folder) -> None:
    ours = Journal(folder)
    for size in (10, 10, 5_000):
        ours.deliver([log_records.deliver("c", "account", "s", bytes(size), access=False)])

    assert [log_records.number(each) for each in ours.read(0, 100, octets=1_000)] == [1, 2]
    assert [log_records.number(each) for each in ours.read(2, 100, octets=1_000)] == [3]


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


def test_records_behind_a_file_that_is_lost_are_read(folder, monkeypatch) -> None:
    monkeypatch.setattr(journals, "SEGMENT_OCTETS", 1)
    fill_files(Journal(folder), 4)
    [lost] = [each for each in folder.glob("*.lane") if b'L {"n":2,' in each.read_bytes()]
    lost.unlink()

    ours = Journal(folder)

    assert [n for n, _, _ in log_of(ours)] == [1, 3, 4]
    assert [log_records.number(each) for each in ours.read(1, 100, up_to=3)] == [3]
    assert ours.read(1, 100, up_to=2) == []


def test_a_new_store_is_another_log(tmp_path) -> None:
    first = Journal(tmp_path / "a")

    assert Journal(tmp_path / "a").log == first.log != Journal(tmp_path / "b").log


def test_a_log_that_nobody_reads_ends_at_its_limit(folder) -> None:
    ours = Journal(folder, max_octets=10_000)
    record = log_records.deliver("c", "account", "s", bytes(100), access=False)
    with pytest.raises(OSError, match="nobody reads"):
        for _ in range(1000):
            ours.deliver([record])

    assert ours.is_full and ours.octets >= ours.max_octets == 10_000
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
    give_clock(monkeypatch, recovery, monotonic=lambda: 5.0)

    theirs = Journal(folder)

    assert not theirs.is_doubtful
    assert theirs.open["a"].states == bytes([WAITING])
    assert theirs.open["a"].until == pytest.approx(105, abs=2)


def test_only_its_owner_may_read_it(folder) -> None:
    ours = Journal(folder)

    assert ours.folder == folder
    assert folder.stat().st_mode & 0o777 == 0o700
    assert ours._segments.current.path.stat().st_mode & 0o777 == 0o600


def test_a_power_cut_is_not_forgotten_by_a_kill_right_after(folder, monkeypatch) -> None:
    Journal(folder).accept([message("a")])
    monkeypatch.setattr(recovery, "boot_id", lambda: "another")
    monkeypatch.setattr(segment_files, "boot_id", lambda: "another")
    Journal(folder)  # and it dies before it has written anything

    assert Journal(folder).open["a"].states == bytes([WRITTEN])
