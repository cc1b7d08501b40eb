"""A journal in a folder of its own, what goes into it, and a disk that fills up."""

from __future__ import annotations

import errno
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from reconciler.launcher.lane.journal import log_records, segment_files
from reconciler.launcher.lane.journal.journal import Journal
from reconciler.launcher.lane.message import Message
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


def fill_files(ours: Journal, count: int) -> None:
    """End `count` messages, each record in a file of its own (with SEGMENT_OCTETS 1)."""
    for number in range(count):
        each = message(f"t{number}")
        ours.accept([each])
        answer(ours, each)
        ours.commit()


class Disk:
    """A disk that takes `room` octets more; a write that does not fit is cut short or fails.

    With `only_reserved` it takes all that has its place already: not the first line of a file.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room: int | None = None
        self.only_reserved = False
        self._pwrite = os.pwrite
        monkeypatch.setattr(segment_files.os, "pwrite", self.pwrite)

    def pwrite(self, file: int, data: bytes, offset: int) -> int:
        if self.room is not None and not (self.only_reserved and offset):
            if not self.room:
                raise OSError(errno.ENOSPC, "No space left on device")
            data = data[: self.room]
            self.room -= len(data)
        return self._pwrite(file, data, offset)
