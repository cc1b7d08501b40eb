"""Deduplication: tokens of messages that have ended, so that none is accepted again.

A token takes eight octets. It is forgotten an hour after the site has the message's last record.
The journal's file is deleted long before, so its tokens are kept in `NUMBER.told` beside it.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from array import array
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from reconciler.gateway_api import REMEMBERED

MAX_TOKENS = 1_000_000  # acknowledged ones, about 70 MB; with more the oldest go sooner
SUFFIX = ".told"


def digest(token: str) -> int:
    """64 bits of a hash."""
    return int.from_bytes(hashlib.blake2b(token.encode(), digest_size=8).digest())


class EndedTokens:
    """A set of digests. `folder`: the journal's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: set[int] = set()
        # Until when (`time.monotonic`), file, digests; the oldest first.
        self._acknowledged: deque[tuple[float, Path, array[int]]] = deque()
        self._count = 0  # of digests in `_acknowledged`
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            self._read(path)

    def __contains__(self, digest: int) -> bool:
        return digest in self._known

    def add(self, digest: int) -> None:
        self._known.add(digest)

    def acknowledge(self, number: int, digests: Iterable[int]) -> None:
        """The site has the last records of these. `number`: of the journal's file."""
        found = array("Q", digests)
        if not found:
            return
        path = self._folder / f"{number:08}{SUFFIX}"
        with contextlib.suppress(OSError):  # then only this process knows them
            path.write_bytes(found.tobytes())
        self._remember(time.monotonic() + REMEMBERED, path, found)

    def forget(self) -> None:
        """Drop tokens that are kept long enough."""
        while self._acknowledged and (
            self._acknowledged[0][0] < time.monotonic() or self._count > MAX_TOKENS
        ):
            _, path, digests = self._acknowledged.popleft()
            self._known.difference_update(digests)
            self._count -= len(digests)
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def _read(self, path: Path) -> None:
        raw = path.read_bytes()
        found = array("Q", raw[: len(raw) // 8 * 8])
        age = min(REMEMBERED, max(0.0, time.time() - path.stat().st_mtime))
        self._remember(time.monotonic() + REMEMBERED - age, path, found)

    def _remember(self, until: float, path: Path, digests: array[int]) -> None:
        self._acknowledged.append((until, path, digests))
        self._known.update(digests)
        self._count += len(digests)
