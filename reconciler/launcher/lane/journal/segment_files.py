"""Lines in files of a folder, appended; the oldest files go first.

Each file begins with a header, `# LOG BOOT MONOTONIC WALL LAST`: which log this is, the kernel's
boot, both clocks, and the number of the last record before this file. A process begins a file of
its own and never appends to one of another, but cuts off what a kill has torn at its end.

The room for a file is asked for when it begins: where a write makes its file longer it waits for
an fdatasync that is under way, several milliseconds.

What was written has left the process: a kill loses none of it. A power cut may lose what was not
yet handed to the disk (`unkept`).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

OCTETS = 8_000_000  # of a file, about
ROOM = OCTETS + 500_000
SUFFIX = ".lane"


@dataclass(slots=True)
class Segment:
    """`last`: number of the last record in it or before it; `open`: messages that were accepted in
    it and have not ended; `marks`: (number of a record, its offset), one for some hundred."""

    number: int
    path: Path
    boot: str = ""
    monotonic: float = 0.0
    wall: float = 0.0
    before: int = 0
    last: int = 0
    size: int = 0
    header: int = 0  # octets
    open: int = 0
    marks: list[tuple[int, int]] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)  # digests of tokens


class Segments:
    """Raises OSError if the folder can't be used."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.old: list[Segment] = []
        self.size = 0  # of all
        self.log = secrets.token_hex(8)
        self._file = -1
        self._full: list[int] = []  # files that have been left and not yet been kept
        self._is_named = False  # whether the disk knows the name of the current file
        self.is_broken = False
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            self._find(path)
        self.current = Segment(self.old[-1].number if self.old else 0, Path())

    def _find(self, path: Path) -> None:
        with path.open("rb") as file:
            header = file.readline(1000)
        try:
            _, log, boot, monotonic, wall, before = header.decode().split()
            segment = Segment(
                int(path.stem), path, boot, float(monotonic), float(wall), int(before), int(before)
            )
        except ValueError:
            path.unlink()  # its header was not finished: nothing was written after it
            return
        segment.size, segment.header = path.stat().st_size, len(header)
        self.log = log
        self.size += segment.size
        self.old.append(segment)

    def begin(self, last: int) -> None:
        """Another file; raises OSError, then the one before goes on."""
        number = self.current.number + 1
        path = self.folder / f"{number:08}{SUFFIX}"
        boot, monotonic, wall = boot_id(), time.monotonic(), time.time()
        header = f"# {self.log} {boot} {monotonic:.3f} {wall:.3f} {last}\n".encode()
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with contextlib.suppress(OSError):  # it may grow as well
            os.posix_fallocate(file, 0, ROOM)
        try:
            if os.pwrite(file, header, 0) != len(header):
                raise OSError("the disk is full")
        except OSError:
            os.close(file)
            with contextlib.suppress(OSError):
                path.unlink()
            raise
        if self._file != -1:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self.current.size)
            self._full.append(self._file)
            self.old.append(self.current)
        self._file, self._is_named = file, False
        size = len(header)
        self.current = Segment(number, path, boot, monotonic, wall, last, last, size, size)
        self.size += len(header)

    def append(self, data: bytes) -> None:
        """All of it or nothing: raises OSError."""
        if self.is_broken:
            raise OSError("the journal's file could not be cut")
        segment = self.current
        try:
            written = os.pwrite(self._file, data, segment.size)
        except OSError:
            self._cut()
            raise
        if written != len(data):
            self._cut()
            raise OSError("the disk is full")
        segment.size += written
        self.size += written

    def _cut(self) -> None:
        """Whole lines of what failed would be read as done."""
        try:
            os.ftruncate(self._file, self.current.size)
        except OSError:
            self.is_broken = True

    def unkept(self) -> list[int]:
        """Files for `keep`: those left behind, and the current one."""
        full, self._full = self._full, []
        return [*full, self._file]

    def keep_now(self) -> None:
        """The current one, also while another thread keeps it. Raises OSError."""
        os.fdatasync(self._file)

    def keep(self, files: list[int]) -> None:
        """Hand them to the disk; may be called in another thread. Raises OSError."""
        is_named, self._is_named = self._is_named, True
        try:
            for file in files:
                os.fdatasync(file)
            if not is_named:
                _keep_names(self.folder)
        except OSError:
            self._full.extend(files[:-1])
            self._is_named = False
            raise
        for file in files[:-1]:
            os.close(file)

    def drop(self, segment: Segment) -> None:
        """One of `old`."""
        self.old.remove(segment)
        self.size -= segment.size
        segment.path.unlink(missing_ok=True)

    def cut(self, segment: Segment, size: int) -> None:
        """One of `old` has nothing beyond that. Raises OSError."""
        if size != segment.size:
            os.truncate(segment.path, size)
            self.size -= segment.size - size
            segment.size = size
        file = os.open(segment.path, os.O_RDONLY)
        try:
            os.fdatasync(file)  # what was read counts from now on
        finally:
            os.close(file)

    def lines(self, segment: Segment, offset: int = 0) -> Iterator[tuple[int, bytes]]:
        """Offset and line, without its end, of each from there on; the header is none."""
        with segment.path.open("rb") as file:
            file.seek(offset)
            if not offset:
                offset = len(file.readline())
            for line in file:
                if not line.endswith(b"\n") or line.startswith(b"\0"):
                    return
                yield offset, line[:-1]
                offset += len(line)

    def find(self, number: int) -> tuple[Segment, int] | None:
        """Where to begin to look for a record; None if it is in no file."""
        for segment in (*self.old, self.current):
            if segment.before < number <= segment.last:
                offset = 0
                for first, at in segment.marks:
                    if first > number:
                        break
                    offset = at
                return segment, offset
        return None


def boot_id() -> str:
    """`time.monotonic` goes on from process to process until the machine starts anew."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "unknown"


def _keep_names(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
