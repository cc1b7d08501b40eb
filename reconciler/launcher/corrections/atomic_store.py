"""A store that is whole after a crash, and a start that survives a damaged one.

Jasmin's faults:
- routing/router.py:441, managers/clients.py:150, protocols/cli/filtersm.py:277 and httpccm.py:108:
  each file of the store is truncated and then written: after a crash in between a table is
  empty at the next start.
- protocols/cli/factory.py:121: a file that can't be loaded is tried again three times a second,
  for ever.
- all nine files are written at each `persist`, whatever has changed, and messages wait meanwhile.

The cure: the new content goes to a second file, which is synced and then renamed over the first.
What this process has written there before, but for the date in the first line, is not written
again. A file that can't be read at the start is renamed to `….unreadable`, with a line that says
so.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from pathlib import Path
from typing import Any, BinaryIO

from jasmin.managers import clients
from jasmin.protocols.cli import filtersm, httpccm
from jasmin.routing import router

PROFILE = "jcli-prod"  # the one that is loaded at the start


_written: dict[str, tuple[bytes, ...]] = {}  # by path: digests of what is there, of this process


class _AtomicFile:
    """A file that replaces the one at `path` when it is closed."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._parts: list[bytes] = []  # a line with the date, and the pickle

    def write(self, data: bytes) -> int:
        self._parts.append(data)
        return len(data)

    def close(self) -> None:
        digests = tuple(hashlib.blake2b(each).digest() for each in self._parts[1:] or self._parts)
        if _written.get(self._path) == digests and os.path.exists(self._path):
            return
        _written.pop(self._path, None)
        with open(f"{self._path}.new", "wb") as new:
            new.writelines(self._parts)
            new.flush()
            os.fsync(new.fileno())
        os.rename(f"{self._path}.new", self._path)
        folder = os.open(os.path.dirname(self._path), os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        _written[self._path] = digests


def _open(path: str, mode: str = "r", **options: Any) -> BinaryIO | _AtomicFile:
    return _AtomicFile(path) if mode == "wb" else open(path, mode, **options)


def correct() -> None:
    for module in (clients, filtersm, httpccm, router):
        module.open = _open
    for path in Path(os.environ["STORE_PATH"]).glob(f"{PROFILE}.*"):
        if path.suffix not in (".new", ".unreadable") and not _is_readable(path):
            path.rename(path.with_name(f"{path.name}.unreadable"))
            print(f"{path} can't be read: put aside, started without", file=sys.stderr)


def _is_readable(path: Path) -> bool:
    """Whether it has Jasmin's header line and a pickle."""
    header, _, body = path.read_bytes().partition(b"\n")
    try:
        pickle.loads(body)  # nosec B301  # Jasmin's own store, which it loads next
    except Exception:
        return False
    return header.startswith(b"Persisted on ")
