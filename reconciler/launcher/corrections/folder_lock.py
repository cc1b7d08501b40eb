"""One Jasmin a folder, as many a machine as it has folders, and none locked out by a dead one.

Jasmin's fault (bin/jasmind.py:533): it takes `FileLock("/tmp/jasmind")`, one fixed file for the
whole machine. A second Jasmin prints "Lock not acquired" and exits with status 0, and so does the
next one after a kill -9, since the file stays.

The cure: a lock that the kernel holds on a file under ROOT_PATH, gone with its holder.
"""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path

import lockfile

_held: FolderLock | None = None


class FolderLock:
    """Stands in for `lockfile.FileLock`, as far as jasmind uses it."""

    def __init__(self, _path: str) -> None:
        path = Path(os.environ["ROOT_PATH"]) / "jasmind.lock"
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._held = False

    def acquire(self, timeout: float | None = None) -> None:
        """Raises AlreadyLocked at once; `timeout` is of no use, a holder does not end soon."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise lockfile.AlreadyLocked from error
        self._held = True

    def i_am_locking(self) -> bool:
        return self._held

    def release(self) -> None:
        os.close(self._file)
        self._held = False


def correct() -> None:
    """For a jasmind that takes the lock itself."""
    lockfile.FileLock = FolderLock


def hold() -> None:
    """Take it for as long as we live, or end as jasmind does: with status 0 and a line."""
    global _held  # noqa: PLW0603 - closed with the process
    _held = FolderLock("")
    try:
        _held.acquire()
    except lockfile.AlreadyLocked:
        print("There's another instance on jasmind running, exiting.")
        sys.exit()
