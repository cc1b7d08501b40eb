"""Starts an unmodified jasmind, with what has to be corrected in it corrected at run time.

Run by path with the Python of Jasmin's own environment, with jasmind's own options:
`python run.py --enable-dlr-lookup --enable-dlr-thrower`. Nothing here is imported by Django.

The lock: jasmind.py:533 takes `FileLock("/tmp/jasmind")`, one fixed file for the whole machine. A
second Jasmin prints "Lock not acquired" and exits with status 0, and so does the next one after a
kill -9, since the file stays. Ours is a lock that the kernel holds on a file under ROOT_PATH:
one a gateway, gone with its holder. The other corrections have files of their own.
"""

from __future__ import annotations

import fcntl
import os
import runpy
import sys
from pathlib import Path

import lockfile
import stale_listeners


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


def main() -> None:
    os.umask(0o077)  # its store and its logs hold passwords
    jasmind = Path(sys.executable).with_name("jasmind.py")
    sys.argv[0] = str(jasmind)
    lockfile.FileLock = FolderLock
    stale_listeners.correct()
    runpy.run_path(str(jasmind), run_name="__main__")


if __name__ == "__main__":
    main()
