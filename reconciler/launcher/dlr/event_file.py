"""A file of events that outlives the process: one line of JSON each, written anew when it is long.

What the kernel has taken outlives a kill; `keep` hands it to the disk. A last line without its end
was never said.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

COMPACT = 50_000  # lines more than are needed, until the file is written anew

Event = dict[str, Any]


class EventFile:
    """`live` gives the events that say all that still counts."""

    def __init__(self, path: Path, live: Callable[[], Iterable[Event]]) -> None:
        self._path, self._live = path, live
        self._file = -1
        self._is_kept = True
        self._lines = self._needed = 0

    def read(self) -> Iterator[Event]:
        """What was said before; then `open` it."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    try:
                        yield json.loads(line)
                    except ValueError:
                        continue  # the rest of a line that could not be written whole

    def open(self) -> None:
        """Raises OSError."""
        new = self._path.with_suffix(".new")
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        try:
            self._needed = 0
            for event in self._live():
                _write(file, event)
                self._needed += 1
            os.fsync(file)
            os.rename(new, self._path)
        except OSError:
            os.close(file)
            raise
        if self._file != -1:
            os.close(self._file)
        self._file, self._lines = file, self._needed

    def say(self, event: Event) -> None:
        """Raises OSError: then it was not said."""
        _write(self._file, event)
        self._is_kept = False
        self._lines += 1
        if self._lines > 2 * self._needed + COMPACT:
            try:
                self.open()
            except OSError:
                self._needed = self._lines  # no room for a second one now; later

    def keep(self) -> None:
        """In any thread. Raises OSError."""
        if self._is_kept:
            return
        self._is_kept = True
        file = os.dup(self._file)  # it may be written anew meanwhile, which keeps all of it
        try:
            os.fdatasync(file)
        except OSError:
            self._is_kept = False
            raise
        finally:
            os.close(file)


def _write(file: int, event: Event) -> None:
    raw = json.dumps(event, separators=(",", ":")).encode() + b"\n"
    if os.write(file, raw) != len(raw):
        os.write(file, b"\n")  # what follows must not be read as part of this
        raise OSError("the store can't be written")
