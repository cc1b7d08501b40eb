"""One demo at a time in a folder; a lock that the kernel frees with its holder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another demo has the folder; the text says which, for people."""


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Raises AlreadyRunning at once.

    Not the lock of the stack: that is held on by servers which are just ending, and waited for.
    """
    folder.mkdir(parents=True, exist_ok=True)  # its mode is the stack's affair
    with open(folder / "running", "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise AlreadyRunning(
                f"a demo is already running here (process {file.read().strip() or 'unknown'}); "
                "end it with Ctrl-C in its terminal, then start this one"
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
