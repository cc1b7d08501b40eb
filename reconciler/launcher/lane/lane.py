"""All connectors, one journal: what is accepted ends in a record, whatever dies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from twisted.internet.defer import Deferred

from messaging.smpp.protocol.pdu import Pdu
from reconciler.launcher.lane.connector import Connector
from reconciler.launcher.lane.settings import Settings
from reconciler.launcher.lane.submits import End, Refusal, Submit


class Lane:
    """`folder` is made, with the mode 0700.

    `on_end` is called for each part of access and HTTP traffic that ended, after its record was
    written; `on_deliver` for each deliver_sm and data_sm before it is recorded: True says that it
    was a receipt of access traffic.
    """

    def __init__(self, folder: Path) -> None:
        self.on_end: list[Callable[[Submit, End], None]] = []
        self.on_deliver: list[Callable[[Connector, Pdu], bool]] = []
        self.connectors: dict[str, Connector] = {}

    def recover(self) -> None:
        """Once, when connectors are known and `on_end` is set: see to what the process before left.

        Written without an answer: told `no_answer`. Accepted and not written: waits for its
        connector as if it had just come, or is told `not_sent` if that is gone or it has expired.
        """
        raise NotImplementedError

    def connector(self, cid: str) -> Connector | None:
        return self.connectors.get(cid)

    def add(self, cid: str, settings: Settings) -> Connector:
        """Not started. Raises ValueError if there is one of this name."""
        raise NotImplementedError

    def remove(self, cid: str) -> Deferred[None]:
        """Stops it first."""
        raise NotImplementedError

    def submit(self, cids: Sequence[str], submits: Sequence[Submit]) -> list[Refusal | None]:
        """The first bound connector of `cids` takes them; written down before this returns.

        Raises OSError if they can't be: then none is taken.
        """
        raise NotImplementedError

    def when_kept(self) -> Deferred[None]:
        """Fires once what was written down before is on the disk; fails with OSError."""
        raise NotImplementedError

    def close(self) -> Deferred[None]:
        """An orderly end: nothing more is written, answers have a moment to come, all is told."""
        raise NotImplementedError
