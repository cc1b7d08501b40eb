"""One Jasmin for each folder, and a lock that ends with its process.

Jasmin's fault (bin/jasmind.py:533): it takes `FileLock("/tmp/jasmind")`, one file for the whole
machine. A second Jasmin prints "Lock not acquired" and exits with status 0. So does the next one
after a kill -9, since the file stays.

The cure: a lock that the kernel holds on a file under ROOT_PATH until the process ends.
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
        """Raises AlreadyLocked at once: waiting for `timeout` would not help, a holder runs on."""
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
    """Let jasmind take our lock instead of its own (`--stock`)."""
    lockfile.FileLock = FolderLock


def hold() -> None:
    """Take the lock until the process ends, or exit like jasmind: with status 0 and a line."""
    global _held  # noqa: PLW0603 - held until the process ends
    _held = FolderLock("")
    try:
        _held.acquire()
    except lockfile.AlreadyLocked:
        print("There's another instance on jasmind running, exiting.")
        sys.exit()
