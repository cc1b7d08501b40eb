"""What stays of a journal once the site has its records."""

from __future__ import annotations

from reconciler.launcher.lane.journal import ended_tokens
from reconciler.launcher.lane.journal import journal as journals
from reconciler.launcher.lane.journal.journal import Journal
from reconciler.launcher.lane.message import ENDED, WAITING, WRITTEN
from tests.reconciler.launcher.lane.journal.conftest import (
    answer,
    fill_files,
    left,
    log_of,
    message,
)


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


def test_a_message_that_is_taken_along_keeps_what_its_parts_went_through(
    folder, monkeypatch
) -> None:
    monkeypatch.setattr(journals, "SEGMENT_OCTETS", 1)
    ours = Journal(folder)
    held = message("held", parts=3)
    ours.accept([held])
    accepted_in = ours._segments.current.path
    ours.write([(held, 0), (held, 1)])
    answer(ours, held, 0)
    fill_files(ours, 10)

    ours.acknowledge(ours.last)

    assert not accepted_in.exists()
    assert left(folder) == {"held": bytes([ENDED, WRITTEN, WAITING])}


def test_a_kill_between_taking_a_message_along_and_the_deletion_leaves_it_once(
    folder, monkeypatch
) -> None:
    monkeypatch.setattr(journals, "SEGMENT_OCTETS", 1)
    ours = Journal(folder)
    ours.accept([message("held")])
    fill_files(ours, 10)
    segments = (*ours._segments.old, ours._segments.current)
    files = {each.path: each.path.read_bytes() for each in segments}
    ours.acknowledge(ours.last)
    for path, content in files.items():
        path.write_bytes(content)  # as if it had not come to delete them
    monkeypatch.setattr(journals, "CARRY_OVER_AFTER", 2 * len(files))

    theirs = Journal(folder)
    assert {token: bytes(each.states) for token, each in theirs.open.items()} == {
        "held": bytes([WAITING])
    }
    answer(theirs, theirs.open["held"])
    theirs.commit()
    theirs.acknowledge(theirs.last)
    assert not any(path.exists() for path in files)


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
