"""One demo at a time in a folder, by a lock that the kernel frees with its process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another demo uses the folder. The text, for people, names its process."""


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the lock of the folder. Raises AlreadyRunning at once.

    This is not the stack's lock: servers that are just ending still hold that one, and the stack
    waits for it.
    """
    folder.mkdir(parents=True, exist_ok=True)  # the stack sets its mode
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
