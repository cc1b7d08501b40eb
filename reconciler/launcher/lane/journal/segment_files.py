"""The journal's files: lines are appended to the newest, the oldest are deleted first.

Each file begins with a header, `# LOG BOOT MONOTONIC WALL LAST`: the log's id, the kernel's boot
id, both clocks, and the number of the last record before this file. A process begins a file of its
own. It never appends to another process's file, but cuts off a line that a kill has torn.

Disk space is reserved when a file begins: a write that makes its file longer would wait for an
fdatasync in progress, for several milliseconds.

A kill loses nothing that was written. A power cut may lose what was not synced (`unsynced`).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SEGMENT_OCTETS = 8_000_000  # of a file, roughly
RESERVED_OCTETS = SEGMENT_OCTETS + 500_000
SUFFIX = ".lane"


@dataclass(slots=True)
class Segment:
    """One file.

    `last`: number of the last record in it or before it; `open`: messages accepted in it that have
    not ended; `offsets`: (number of a record, its offset), one for some hundred records;
    `ended_tokens`: digests of the tokens whose last record is in it. `size` and `header` are in
    octets, `monotonic` and `wall` the clocks at its beginning.
    """

    number: int
    path: Path
    boot: str = ""
    monotonic: float = 0.0
    wall: float = 0.0
    last_before: int = 0
    last: int = 0
    size: int = 0
    header: int = 0
    open: int = 0
    offsets: list[tuple[int, int]] = field(default_factory=list)
    ended_tokens: list[int] = field(default_factory=list)


class Segments:
    """`old`: files before the current one, the oldest first; `size`: octets of all files.

    Raises OSError if the folder can't be used.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.old: list[Segment] = []
        self.size = 0
        self.log = secrets.token_hex(8)
        self._file = -1
        self._unsynced: list[int] = []  # open files before the current one
        self._is_name_synced = False  # whether the folder was synced since the file began
        self.is_broken = False
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            self._open_old(path)
        self.current = Segment(self.old[-1].number if self.old else 0, Path())

    def _open_old(self, path: Path) -> None:
        with path.open("rb") as file:
            header = file.readline(1000)
        try:
            _, log, boot, monotonic, wall, last_before = header.decode().split()
            segment = Segment(
                int(path.stem),
                path,
                boot,
                float(monotonic),
                float(wall),
                int(last_before),
                int(last_before),
            )
        except ValueError:
            path.unlink()  # a torn header: nothing was written after it
            return
        segment.size, segment.header = path.stat().st_size, len(header)
        self.log = log
        self.size += segment.size
        self.old.append(segment)

    def begin(self, last: int) -> None:
        """Begin another file. Raises OSError: the current one stays."""
        number = self.current.number + 1
        path = self.folder / f"{number:08}{SUFFIX}"
        boot, monotonic, wall = boot_id(), time.monotonic(), time.time()
        header = f"# {self.log} {boot} {monotonic:.3f} {wall:.3f} {last}\n".encode()
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with contextlib.suppress(OSError):  # without it the file grows with each write
            os.posix_fallocate(file, 0, RESERVED_OCTETS)
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
            self._unsynced.append(self._file)
            self.old.append(self.current)
        self._file, self._is_name_synced = file, False
        size = len(header)
        self.current = Segment(number, path, boot, monotonic, wall, last, last, size, size)
        self.size += len(header)

    def append(self, data: bytes) -> None:
        """Write all of it or (OSError) nothing."""
        if self.is_broken:
            raise OSError("the journal's file could not be cut")
        segment = self.current
        try:
            written = os.pwrite(self._file, data, segment.size)
        except OSError:
            self._truncate()
            raise
        if written != len(data):
            self._truncate()
            raise OSError("the disk is full")
        segment.size += written
        self.size += written

    def _truncate(self) -> None:
        """Cut off what was written in part: recovery would read its whole lines as done."""
        try:
            os.ftruncate(self._file, self.current.size)
        except OSError:
            self.is_broken = True

    def unsynced(self) -> list[int]:
        """File descriptors for `sync`: of files before the current one, and its own."""
        full, self._unsynced = self._unsynced, []
        return [*full, self._file]

    def sync_now(self) -> None:
        """Sync the current file, even while a thread syncs it too. Raises OSError."""
        os.fdatasync(self._file)

    def sync(self, files: list[int]) -> None:
        """Sync these files (`unsynced`) in any thread. Raises OSError."""
        is_name_synced, self._is_name_synced = self._is_name_synced, True
        try:
            for file in files:
                os.fdatasync(file)
            if not is_name_synced:
                _sync_names(self.folder)
        except OSError:
            self._unsynced.extend(files[:-1])
            self._is_name_synced = False
            raise
        for file in files[:-1]:
            os.close(file)

    def drop(self, segment: Segment) -> None:
        """Delete one of `old`."""
        self.old.remove(segment)
        self.size -= segment.size
        segment.path.unlink(missing_ok=True)

    def truncate(self, segment: Segment, size: int) -> None:
        """Cut one of `old` to `size` octets and sync it. Raises OSError."""
        if size != segment.size:
            os.truncate(segment.path, size)
            self.size -= segment.size - size
            segment.size = size
        file = os.open(segment.path, os.O_RDONLY)
        try:
            os.fdatasync(file)  # recovery has acted on what it read
        finally:
            os.close(file)

    def lines(self, segment: Segment, offset: int = 0) -> Iterator[tuple[int, bytes]]:
        """Offset and line (without its newline) from `offset` on; the header is left out."""
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
        """The file of a record and an offset at or before it; None if there is none from it on.

        If a power cut or an operator took it, those of the next record that is left.
        """
        for segment in (*self.old, self.current):
            if max(number, segment.last_before + 1) <= segment.last:
                offset = 0
                for first, at in segment.offsets:
                    if first > number:
                        break
                    offset = at
                return segment, offset
        return None


def boot_id() -> str:
    """The kernel's id of this boot: within one, all processes share `time.monotonic`."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "unknown"


def _sync_names(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
