"""The journal with its syncs, and the functions that are called before something is recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall

from messaging.smpp.protocol.pdu import Pdu
from reconciler.launcher.lane.carrier_settings import CarrierSettings
from reconciler.launcher.lane.journal import log_records
from reconciler.launcher.lane.journal.disk_sync import DiskSync
from reconciler.launcher.lane.journal.journal import Journal
from reconciler.launcher.lane.submit import Outcome, Submit

SYNC_DELAY = 0.01  # seconds in which records gather for one sync and one answer to the reader

_log = logging.getLogger("lane")


class Source(Protocol):
    """The connector that received a PDU."""

    cid: str

    @property
    def settings(self) -> CarrierSettings: ...
    @property
    def in_flight(self) -> int: ...


class Storage:
    """`folder` is created with mode 0700; it grows to about `max_octets` and one more file.

    `on_outcome` is called for each part of SMPP or `/send` traffic that ended, before its record is
    written. After a kill in between it is called again, maybe with another outcome. `on_deliver` is
    called for each deliver_sm and data_sm before it is recorded, and returns True for a receipt of
    SMPP or `/send` traffic. `error`: why nothing can be written now, "" if it can.
    `is_closing`: the process ends, so no more submits go to carriers.

    Raises OSError if the folder can't be used.
    """

    def __init__(self, folder: Path, *, max_octets: int) -> None:
        self.on_outcome: list[Callable[[Submit, Outcome], None]] = []
        self.on_deliver: list[Callable[[Source, Pdu], bool]] = []
        self.on_log_growth: list[Callable[[], None]] = []  # more of the log is on the disk
        self.journal = Journal(folder, max_octets=max_octets)
        self.disk_sync = DiskSync(self.journal, self._notify_readers)
        self.is_closing = False
        self.error = ""
        self._has_readers = False
        self._sync_timer: IDelayedCall | None = None

    def start(self) -> None:
        self.disk_sync.start()

    def close(self) -> None:
        """Write down the orderly end of the process."""
        self.commit()
        self.disk_sync.stop()
        try:
            self.journal.close()
        except OSError as error:
            self.failed(error)

    def part_ended(self, submit: Submit, outcome: Outcome) -> None:
        """Call it before the record is written and before later PDUs are handled."""
        if submit.origin == "site":
            return
        for callback in self.on_outcome:
            try:
                callback(submit, outcome)
            except Exception:
                _log.exception("the end of %s could not be told", submit.token)

    def is_access_receipt(self, source: Source, pdu: Pdu) -> bool:
        """Whether it is a receipt of SMPP or `/send` traffic, which `on_deliver` passes on."""
        try:
            return any(callback(source, pdu) for callback in self.on_deliver)
        except Exception:
            _log.exception("what %s sent could not be told", source.cid)
            return False

    def login_refused(self, user: str, address: str, why: str, silenced: bool) -> None:
        """Record that a platform's bind was refused, unless the log is full."""
        if self.journal.is_full:
            return
        try:
            self.journal.commit()
            self.journal.deliver([log_records.login(user, address, why, silenced=silenced)])
        except OSError as error:
            self.failed(error)
            return
        self._sync_soon()

    def note(self, record: bytes) -> int:
        """Record something; while nothing can be written it waits. See `Journal.add`."""
        number = self.journal.add(record)
        self.commit()
        return number

    def commit(self) -> None:
        """Write all events of this reactor turn at once. `on_outcome` was called for them."""
        try:
            self.journal.commit()
        except OSError as error:
            self.failed(error)
            return
        self._sync_soon()

    def when_synced(self) -> Deferred[None]:
        """Fires once all that was written before is on the disk; fails with OSError."""
        return self.disk_sync.wait()

    def set_reading(self, has_readers: bool) -> None:
        """Whether readers wait for records: only then is the journal synced for them."""
        self._has_readers = has_readers
        self._sync_soon()

    def failed(self, error: OSError) -> None:
        """Note that nothing can be written. `probe` finds out when it can."""
        if not self.error:
            _log.critical("the lane's folder can't be written: %s", error)
        self.error = str(error)

    def probe(self) -> None:
        """After a failure: see whether the disk can be written again."""
        if not self.error:
            return
        try:
            self.journal.probe()
        except OSError:
            return
        self.error = ""
        _log.warning("the lane's folder can be written again")

    def _sync_soon(self) -> None:
        is_behind = self.journal.last > self.disk_sync.number
        if self._has_readers and self._sync_timer is None and is_behind:
            self._sync_timer = reactor.callLater(SYNC_DELAY, self._sync)

    def _sync(self) -> None:
        """Readers get only what is on the disk, so that no number is ever given to two records."""
        self._sync_timer = None
        self.disk_sync.wait().addErrback(lambda failure: self.failed(failure.value))

    def _notify_readers(self) -> None:
        for callback in self.on_log_growth:
            callback()
