"""The folder of a stack: private files, its passwords, and the lock that says it is in use."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import threading
from pathlib import Path

from orbit.dev.stack.errors import StackError
from orbit.dev.stack.processes import poll

PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"


def make_folder(path: Path) -> Path:
    """Makes it with mode 0700, whatever the umask; returns it."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def write_private(path: Path, text: str) -> Path:
    """Writes it with mode 0600, at no moment readable by others, in whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    return draft.replace(path)


class Passwords:
    """Random passwords by name, kept in a file of mode 0600 so that a second start has the same."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()  # servers are started side by side
        self._known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def __getitem__(self, name: str) -> str:
        with self._lock:
            if name not in self._known:
                self._known[name] = secrets.token_hex(16)
                write_private(self._path, json.dumps(self._known, indent=2))
            return self._known[name]


def lock_folder(root: Path, *, timeout: float = 20) -> int:
    """A locked descriptor; whoever holds a copy of it last gives the folder back.

    Waits for a stack that is just stopping. Raises StackError when one lives on in there.
    """
    descriptor = os.open(root / "lock", os.O_RDWR | os.O_CREAT, 0o600)

    def locked() -> bool:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    if poll(locked, timeout=timeout, interval=0.1):
        return descriptor
    os.close(descriptor)
    raise StackError(f"another stack is running in {root}")
