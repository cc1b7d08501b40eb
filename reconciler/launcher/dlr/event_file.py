"""An append-only file of events, one line of JSON each; compacted when it grows long.

A kill loses no event that was appended; `sync` makes it safe from a power cut. A last line without
its newline does not count.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

SPARE_LINES = 50_000  # lines beyond twice the needed ones before the file is compacted

Event = dict[str, Any]


class EventFile:
    """`snapshot` gives the events that a compacted file needs."""

    def __init__(self, path: Path, snapshot: Callable[[], Iterable[Event]]) -> None:
        self._path, self._snapshot = path, snapshot
        self._file = -1
        self._is_synced = True
        self._lines = self._needed_lines = 0

    def read(self) -> Iterator[Event]:
        """The events of earlier processes. Call `open` afterwards."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    try:
                        yield json.loads(line)
                    except ValueError:
                        continue  # a line that was written in part

    def open(self) -> None:
        """Write the file anew with the snapshot, and append to it from now on. Raises OSError."""
        new = self._path.with_suffix(".new")
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        try:
            self._needed_lines = 0
            for event in self._snapshot():
                _write(file, event)
                self._needed_lines += 1
            os.fsync(file)
            os.rename(new, self._path)
        except OSError:
            os.close(file)
            raise
        if self._file != -1:
            os.close(self._file)
        self._file, self._lines = file, self._needed_lines

    def append(self, event: Event) -> None:
        """Write one event. Raises OSError: it does not count."""
        _write(self._file, event)
        self._is_synced = False
        self._lines += 1
        if self._lines > 2 * self._needed_lines + SPARE_LINES:
            try:
                self.open()
            except OSError:
                self._needed_lines = self._lines  # no room for a second file; try later

    def sync(self) -> None:
        """Sync the file, in any thread. Raises OSError."""
        if self._is_synced:
            return
        self._is_synced = True
        file = os.dup(self._file)  # `open` may replace it meanwhile, which syncs everything
        try:
            os.fdatasync(file)
        except OSError:
            self._is_synced = False
            raise
        finally:
            os.close(file)


def _write(file: int, event: Event) -> None:
    raw = json.dumps(event, separators=(",", ":")).encode() + b"\n"
    if os.write(file, raw) != len(raw):
        os.write(file, b"\n")  # the next event must not become part of this line
        raise OSError("the store can't be written")
