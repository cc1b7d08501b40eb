"""Tokens whose message has ended: the same token is not taken twice.

Eight octets each. Those whose last record the site has are forgotten after an hour; their files go
long before, so that what they ended is written into a file of its own, `NUMBER.told`.
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

MOST = 1_000_000  # told ones: about 70 MB; of more than that the oldest are forgotten sooner
SUFFIX = ".told"


def digest(token: str) -> int:
    return int.from_bytes(hashlib.blake2b(token.encode(), digest_size=8).digest())


class Remembered:
    """A set of digests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: set[int] = set()
        self._told: deque[tuple[float, Path, array[int]]] = deque()  # until when, file, digests
        self._count = 0  # of told ones
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            self._read(path)

    def __contains__(self, digest: int) -> bool:
        return digest in self._known

    def add(self, digest: int) -> None:
        self._known.add(digest)

    def told(self, number: int, digests: Iterable[int]) -> None:
        """The site has kept how these ended. `number` names the file."""
        found = array("Q", digests)
        if not found:
            return
        path = self._folder / f"{number:08}{SUFFIX}"
        with contextlib.suppress(OSError):  # then only this process remembers them
            path.write_bytes(found.tobytes())
        self._keep(time.monotonic() + REMEMBERED, path, found)

    def forget(self) -> None:
        """Those whose time is over."""
        while self._told and (self._told[0][0] < time.monotonic() or self._count > MOST):
            _, path, digests = self._told.popleft()
            self._known.difference_update(digests)
            self._count -= len(digests)
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def _read(self, path: Path) -> None:
        raw = path.read_bytes()
        found = array("Q", raw[: len(raw) // 8 * 8])
        age = min(REMEMBERED, max(0.0, time.time() - path.stat().st_mtime))
        self._keep(time.monotonic() + REMEMBERED - age, path, found)

    def _keep(self, until: float, path: Path, digests: array[int]) -> None:
        self._told.append((until, path, digests))
        self._known.update(digests)
        self._count += len(digests)
