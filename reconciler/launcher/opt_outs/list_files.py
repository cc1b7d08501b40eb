"""The lists on disk: a file a user, and the key of the digests.

A file begins with the whole list, in a line of JSON; each change is a line more, and after some of
them the file is written anew. Of a file with a line that a kill has cut, the numbers of the other
lines count, and the version is 0: the site, which has another, sends the whole list.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import secrets
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler import opt_out_digests

MOST_CHANGES = 1_000  # lines before a file is written anew
FEW = 500  # digests that are put in one by one; with more the list is sorted anew
SUFFIX = ".list"
_USER = re.compile(r"[A-Za-z0-9_-]{1,16}")  # as Jasmin's uids


@dataclass
class OptOutList:
    """Of one user. `version`: the site's; 0 of a list that can't be read."""

    version: int = 0
    digests: array[int] = field(default_factory=lambda: array("Q"))
    changes: int = 0
    _checksum: str = ""

    def change(self, version: int, add: array[int], remove: array[int]) -> None:
        if len(add) + len(remove) > FEW:
            gone = set(remove)
            left = (each for each in self.digests if each not in gone)
            self.digests = opt_out_digests.packed([*left, *add])
        else:
            for each in remove:
                if self.has(each):
                    del self.digests[bisect_left(self.digests, each)]
            for each in add:
                if not self.has(each):
                    self.digests.insert(bisect_left(self.digests, each), each)
        self.version = version
        self._checksum = ""

    @property
    def checksum(self) -> str:
        self._checksum = self._checksum or opt_out_digests.checksum(self.digests)
        return self._checksum

    def has(self, digest: int) -> bool:
        place = bisect_left(self.digests, digest)
        return place < len(self.digests) and self.digests[place] == digest


def is_user(name: object) -> bool:
    return isinstance(name, str) and _USER.fullmatch(name) is not None


class ListFiles:
    """`folder` is created with mode 0700. Raises OSError if it can't be used."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self.key = self._read_key(folder / "key")

    def read(self) -> Iterator[tuple[str, OptOutList]]:
        """All lists, by user."""
        for path in self._folder.glob(f"*{SUFFIX}"):
            yield path.name.removesuffix(SUFFIX), _read(path)

    def replace(self, user: str, kept: OptOutList) -> None:
        """Write a whole list. Raises OSError: the one before stays."""
        kept.changes = 0
        line = _line(kept.version, kept.digests, array("Q"))
        _write_anew(self._path(user), line)

    def append(self, user: str, kept: OptOutList, add: array[int], remove: array[int]) -> None:
        """Write a change that was made in `kept`. Raises OSError."""
        if kept.changes >= MOST_CHANGES:
            self.replace(user, kept)
            return
        file = os.open(self._path(user), os.O_WRONLY | os.O_APPEND)
        try:
            line = _line(kept.version, add, remove)
            if os.write(file, line) != len(line):
                raise OSError("the store can't be written")
        finally:
            os.close(file)
        kept.changes += 1

    def _path(self, user: str) -> Path:
        return self._folder / f"{user}{SUFFIX}"

    @staticmethod
    def _read_key(path: Path) -> bytes:
        """Without it all lists are made anew: their digests match nothing."""
        try:
            key = bytes.fromhex(path.read_text().strip())
        except (OSError, ValueError):
            key = b""
        if len(key) != opt_out_digests.KEY_OCTETS:
            for each in path.parent.glob(f"*{SUFFIX}"):
                each.unlink()
            key = secrets.token_bytes(opt_out_digests.KEY_OCTETS)
            _write_anew(path, key.hex().encode() + b"\n")
        return key


def decoded(text: Any) -> array[int]:
    """Digests in base64. Raises ValueError."""
    if not isinstance(text, str):
        raise ValueError("digests in base64 are wanted")
    try:
        return opt_out_digests.from_octets(base64.b64decode(text, validate=True))
    except binascii.Error:
        raise ValueError("digests in base64 are wanted") from None


def _read(path: Path) -> OptOutList:
    found = OptOutList()
    with path.open("rb") as file:
        for line in file:
            try:
                said = json.loads(line)
                add, remove = decoded(said["add"]), decoded(said["remove"])
                version = int(said["version"])
            except (ValueError, KeyError, TypeError):
                # What follows a line that is lost belongs to a version that nobody knows.
                found.version = 0
                break
            found.change(version, add, remove)
            found.changes += 1
    return found


def _line(version: int, add: array[int], remove: array[int]) -> bytes:
    said = {
        "version": version,
        "add": base64.b64encode(opt_out_digests.to_octets(add)).decode(),
        "remove": base64.b64encode(opt_out_digests.to_octets(remove)).decode(),
    }
    return json.dumps(said, separators=(",", ":")).encode() + b"\n"


def _write_anew(path: Path, content: bytes) -> None:
    new = path.with_suffix(".new")
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(file, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.rename(new, path)
    except OSError:
        new.unlink(missing_ok=True)
        raise
