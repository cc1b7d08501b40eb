"""Which submit_sm are refused: the lists of opted-out numbers, in memory and on disk."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from messaging.smpp.protocol.pdu import Pdu
from reconciler import opt_out_digests
from reconciler.launcher.lane.submit import Submit
from reconciler.launcher.opt_outs.list_files import ListFiles, OptOutList


@dataclass(frozen=True)
class Change:
    """Of a list from version `since` (None: there is none) to `version`; `whole`: what was in it
    goes."""

    since: int | None
    version: int
    add: array[int]
    remove: array[int] = field(default_factory=lambda: array("Q"))
    whole: bool = False


class OptOuts:
    """Lists by user. `on_growth` is called with the user of a list that has new numbers, and their
    digests."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError if the folder can't be used."""
        self._files = ListFiles(folder)
        self._lists: dict[str, OptOutList] = dict(self._files.read())
        self.on_growth: list[Callable[[str, array[int]], None]] = []

    @property
    def key(self) -> bytes:
        return self._files.key

    def refuses(self, user: str, pdu: Pdu) -> bool:
        """Whether a platform's submit_sm goes to a number that has opted out."""
        return self._has(
            user,
            pdu.text("destination_addr"),
            pdu.number("dest_addr_ton"),
            pdu.text("source_addr"),
        )

    def withdraws(self, user: str, added: array[int], submit: Submit) -> bool:
        """Whether a waiting submit goes to one of the numbers that were just added to its user's
        list."""
        ton = int(submit.extra.get("dest_addr_ton", 0))
        kept = OptOutList(digests=added)
        return self._is_in(kept, user, submit.destination, ton, submit.source)

    def summary(self, users: list[str] | None = None) -> dict[str, dict[str, Any]]:
        """Version, count and checksum of each list (None: of all)."""
        chosen = self._lists if users is None else users
        return {
            user: {
                "version": kept.version,
                "count": len(kept.digests),
                "checksum": kept.checksum,
            }
            for user in chosen
            if (kept := self._lists.get(user)) is not None
        }

    def change(self, user: str, change: Change) -> bool:
        """Change a list; False if it has another version. Raises OSError: the change holds in this
        process, and the site makes it again."""
        kept = self._lists.get(user)
        if change.since != (None if kept is None else kept.version):
            return False
        if kept is None or change.whole:
            kept = self._lists[user] = OptOutList(change.version, change.add)
            self._store(lambda: self._files.replace(user, kept), kept)
        else:
            kept.change(change.version, change.add, change.remove)
            self._store(lambda: self._files.append(user, kept, change.add, change.remove), kept)
        if change.add:
            for notify in self.on_growth:
                notify(user, change.add)
        return True

    def _store(self, write: Callable[[], None], kept: OptOutList) -> None:
        try:
            write()
        except OSError:
            kept.version = 0  # what is on the disk is not known
            raise

    def _has(self, user: str, destination: str, ton: int, sender: str) -> bool:
        kept = self._lists.get(user)
        return kept is not None and self._is_in(kept, user, destination, ton, sender)

    def _is_in(self, kept: OptOutList, user: str, destination: str, ton: int, sender: str) -> bool:
        if not kept.digests:
            return False
        asked = opt_out_digests.of_submit(self.key, user, destination, ton, sender)
        return any(map(kept.has, asked))
