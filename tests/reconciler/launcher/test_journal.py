"""What the journal remembers after its process was killed anywhere."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from reconciler.launcher import journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "submits.journal"


def left(path: Path) -> dict[str, tuple[str, str]]:
    entries = journal.Journal(path).left
    return {each: (entry.status, entry.carrier_id) for each, entry in entries.items()}


def test_it_knows_what_was_written_and_what_was_answered(path) -> None:
    ours = journal.Journal(path)
    assert ours.is_new
    for message in ("a", "b", "c", "d"):
        ours.writing(message)
    ours.answered("b", "ESME_ROK", "lane:1")
    ours.answered("c", "ESME_RINVDSTADR")
    ours.over("d", "nobody")

    assert left(path) == {
        "a": ("", ""),
        "b": ("ESME_ROK", "lane:1"),
        "c": ("ESME_RINVDSTADR", ""),
    }
    assert not journal.Journal(path).is_new


def test_what_is_over_is_over_in_every_later_life(path) -> None:
    journal.Journal(path).writing("a")
    journal.Journal(path).over("a")

    assert left(path) == {}


@pytest.mark.parametrize("torn", [b">", b"> b", b"> b 17", b"\xff\x00"])
def test_a_line_without_its_end_was_never_followed_by_its_deed(path, torn) -> None:
    journal.Journal(path).writing("a")
    path.write_bytes(path.read_bytes() + torn)

    assert left(path) == {"a": ("", "")}


def test_what_is_too_old_is_in_no_queue_any_more(path) -> None:
    path.write_text(f"> old {int(time.time()) - 90_000}\n> young {int(time.time()) - 80_000}\n")

    assert left(path).keys() == {"young"}


def test_it_does_not_grow_for_ever(path, monkeypatch) -> None:
    monkeypatch.setattr(journal, "COMPACT", 10)
    ours = journal.Journal(path)
    ours.writing("kept")
    for number in range(100):
        ours.writing(str(number))
        ours.over(str(number))

    assert len(path.read_text().splitlines()) < 20
    assert left(path).keys() == {"kept"}
