"""Named locks between processes, such as one pass a gateway at a time; a lock dies with its holder.

PostgreSQL: an advisory lock of the session, gone with the connection. SQLite: a file lock held
by the kernel, gone with the process. Neither has a time-out that could free it under a pass that
is slow but alive.
"""

from __future__ import annotations

import fcntl
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

_NAMESPACE = 0x6F62  # "ob": keeps our advisory locks apart from those of other programs
_POLL = 0.02


@contextmanager
def held(name: str, *, wait: float = 0.0) -> Iterator[bool]:
    """Hold the lock `name`; yield whether it was free within `wait` seconds."""
    take = _advisory if connection.vendor == "postgresql" else _file
    with take(name, time.monotonic() + wait) as taken:
        yield taken


@contextmanager
def _advisory(name: str, deadline: float) -> Iterator[bool]:
    key = zlib.crc32(name.encode()) - 2**31  # PostgreSQL's int4
    while not _execute("SELECT pg_try_advisory_lock(%s, %s)", key):
        if time.monotonic() >= deadline:
            yield False
            return
        time.sleep(_POLL)
    try:
        yield True
    finally:
        # A connection that was lost has taken the lock with it.
        if connection.is_usable():
            _execute("SELECT pg_advisory_unlock(%s, %s)", key)


def _execute(statement: str, key: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [_NAMESPACE, key])
        return cursor.fetchone()[0]


@contextmanager
def _file(name: str, deadline: float) -> Iterator[bool]:
    folder = Path(settings.STATE_DIR) / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f"{name}.lock", "w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    yield False
                    return
                time.sleep(_POLL)
        yield True
