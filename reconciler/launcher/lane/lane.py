"""All connectors and their journal: each accepted message ends in a record, also after a kill."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.interfaces import IDelayedCall
from twisted.internet.task import LoopingCall

from messaging.smpp.protocol.pdu import Pdu
from reconciler.gateway_api import Reason
from reconciler.launcher.lane.carrier_settings import CarrierSettings
from reconciler.launcher.lane.connector import Connector
from reconciler.launcher.lane.journal import log_records
from reconciler.launcher.lane.journal.disk_sync import DiskSync
from reconciler.launcher.lane.journal.journal import MAX_OCTETS, Journal
from reconciler.launcher.lane.message import ENDED, WAITING, WRITTEN, Message
from reconciler.launcher.lane.submit import Outcome, Refusal, Submit

TICK_INTERVAL = 0.25  # seconds
SYNC_DELAY = 0.01  # seconds in which records gather for one sync and one answer to the reader
MAX_OPEN = 100_000  # messages of all connectors that have not ended

_log = logging.getLogger("lane")


class Lane:
    """`folder` is created with mode 0700; it grows to about `max_octets` and one more file.

    `on_outcome` is called for each part of SMPP or `/send` traffic that ended, before its record is
    written. After a kill in between it is called again, maybe with another outcome. `on_deliver` is
    called for each deliver_sm and data_sm before it is recorded, and returns True for a receipt of
    SMPP or `/send` traffic. `store_error`: why nothing can be written now, "" if it can.

    Raises OSError if the folder can't be used.
    """

    def __init__(self, folder: Path, *, max_octets: int = MAX_OCTETS) -> None:
        self.on_outcome: list[Callable[[Submit, Outcome], None]] = []
        self.on_deliver: list[Callable[[Connector, Pdu], bool]] = []
        self.on_log_growth: list[Callable[[], None]] = []  # more of the log is on the disk
        self.connectors: dict[str, Connector] = {}
        self._leaving: set[Connector] = set()  # removed, not yet unbound
        self.journal = Journal(folder, max_octets=max_octets)
        self.disk_sync = DiskSync(self.journal, self._notify_readers)
        self.is_closing = False
        self.store_error = ""
        self._orphans: dict[str, list[Message]] = {}  # by cid, of connectors that are not added yet
        self._tick_loop = LoopingCall(self._tick)
        self._has_readers = False
        self._sync_timer: IDelayedCall | None = None

    def recover(self) -> None:
        """End or requeue what the process before left, and begin to work. Call it once, after
        `on_outcome` is filled.

        A part that was written and not answered ends as `no_answer`. One that was not written waits
        for its connector until it expires.
        """
        self.disk_sync.start()
        for message in list(self.journal.open.values()):
            self._recover(message)
        self.commit()
        self._tick_loop.start(TICK_INTERVAL, now=False)

    def _recover(self, message: Message) -> None:
        why = "the gateway was restarted before the answer came"
        if self.journal.is_doubtful:
            why = "the machine was restarted: whether it was written is not known"
        for part, state in enumerate(message.states):
            if state == WRITTEN:
                record = log_records.no_answer(message, part, "", why)
                self.journal.end(message, part, record)
                self.part_ended(message.submit, Outcome(part, None, "", why))
        if WAITING not in message.states:
            return
        connector = self.connectors.get(message.cid)
        if connector is not None:
            connector.window.add([message])
        else:
            self._orphans.setdefault(message.cid, []).append(message)

    def add(self, cid: str, settings: CarrierSettings) -> Connector:
        """A connector, not started. Raises ValueError if there is one of this cid."""
        if cid in self.connectors:
            raise ValueError(f"there is a connector {cid}")
        connector = self.connectors[cid] = Connector(self, cid, settings)
        connector.window.add(self._orphans.pop(cid, ()))
        return connector

    def remove(self, cid: str) -> Deferred[None]:
        """Stop it and forget it; fires when it is unbound. Raises KeyError."""
        connector = self.connectors.pop(cid)
        self._leaving.add(connector)
        return connector.stop().addCallback(lambda _: self._leaving.discard(connector))

    def submit(self, cids: Sequence[str], submits: Sequence[Submit]) -> list[Refusal | None]:
        """Give each to the first bound connector of `cids` that has room. None: accepted, now or
        before.

        Accepted ones are in the journal when this returns. Raises OSError: then none is accepted.
        """
        bound = [
            connector
            for cid in cids
            if (connector := self.connectors.get(cid)) is not None and connector.is_bound
        ]
        accepted: dict[str, Message] = {}
        room = {connector.cid: connector.room for connector in bound}
        answers = [self._accept(submit, bound, room, accepted) for submit in submits]
        if not accepted:
            return answers
        try:
            self.journal.accept(list(accepted.values()))
        except OSError as error:
            self.store_failed(error)
            raise
        for connector in bound:
            messages = [each for each in accepted.values() if each.cid == connector.cid]
            if messages:
                connector.window.add(messages)
                connector.pump()
        return answers

    def _accept(
        self,
        submit: Submit,
        bound: list[Connector],
        room: dict[str, int],
        accepted: dict[str, Message],
    ) -> Refusal | None:
        if submit.token in accepted or self.journal.knows(submit.token):
            return None
        if not submit.parts:
            return Refusal(Reason.INVALID, "parts: there is none")
        if submit.expires_in <= 0:
            return Refusal(Reason.EXPIRED)
        if not bound or self.is_closing:
            return Refusal(Reason.NOT_BOUND, "no connector is bound")
        if self.journal.is_full:
            return Refusal(Reason.FULL, "the log is full: the site has not read it")
        if len(self.journal.open) + len(accepted) >= MAX_OPEN:
            return Refusal(Reason.FULL, f"{MAX_OPEN} messages are on their way")
        for connector in bound:
            is_first = not connector.waiting and room[connector.cid] == connector.room
            if room[connector.cid] >= len(submit.parts) or is_first:
                room[connector.cid] -= len(submit.parts)
                until = time.monotonic() + submit.expires_in
                accepted[submit.token] = Message(submit, connector.cid, until)
                return None
        return Refusal(Reason.FULL, "as many submits wait for the carrier as may")

    def when_synced(self) -> Deferred[None]:
        """Fires once all that was written before is on the disk; fails with OSError."""
        return self.disk_sync.wait()

    def close(self) -> Deferred[None]:
        """An orderly end: write nothing more to carriers, give their answers a moment to come."""
        self.is_closing = True
        stopped = DeferredList([connector.stop() for connector in self.connectors.values()])
        return stopped.addCallback(lambda _: self._close())

    def _close(self) -> None:
        if self._tick_loop.running:
            self._tick_loop.stop()
        self.commit()
        self.disk_sync.stop()
        try:
            self.journal.close()
        except OSError as error:
            self.store_failed(error)

    def _tick(self) -> None:
        now = time.monotonic()
        for connector in (*self.connectors.values(), *self._leaving):
            try:
                connector.tick(now)
            except Exception:
                _log.exception("connector %s", connector.cid)
        self._expire_orphans(now)
        if self.store_error:
            self._probe()
        self.commit()

    def _probe(self) -> None:
        try:
            self.journal.probe()
        except OSError:
            return
        self.store_error = ""
        _log.warning("the lane's folder can be written again")

    def _expire_orphans(self, now: float) -> None:
        for cid, messages in list(self._orphans.items()):
            for message in messages:
                if message.until <= now and WAITING in message.states:
                    self._expire(message)
            left = [message for message in messages if message.open]
            if left:
                self._orphans[cid] = left
            else:
                del self._orphans[cid]

    def _expire(self, message: Message) -> None:
        """The message waited for a connector that was not added."""
        why = "expired"
        if message.is_untouched:
            self.journal.end_all(message, log_records.not_sent(message, "", why))
            self.part_ended(message.submit, Outcome(None, None, "", why))
            return
        for part, state in enumerate(message.states):
            if state != ENDED:
                self.journal.end(message, part, log_records.no_answer(message, part, "", why))
                self.part_ended(message.submit, Outcome(part, None, "", why))

    # Called by connectors

    def part_ended(self, submit: Submit, outcome: Outcome) -> None:
        """Call it before the record is written and before later PDUs are handled."""
        if submit.origin != "site":
            self._notify(submit, outcome)

    def is_access_receipt(self, connector: Connector, pdu: Pdu) -> bool:
        """Whether it is a receipt of SMPP or `/send` traffic, which `on_deliver` passes on."""
        try:
            return any(callback(connector, pdu) for callback in self.on_deliver)
        except Exception:
            _log.exception("what %s sent could not be told", connector.cid)
            return False

    def commit(self) -> None:
        """Write all events of this reactor turn at once. `on_outcome` was called for them."""
        try:
            self.journal.commit()
        except OSError as error:
            self.store_failed(error)
            return
        self._sync_soon()

    def _notify(self, submit: Submit, outcome: Outcome) -> None:
        for callback in self.on_outcome:
            try:
                callback(submit, outcome)
            except Exception:
                _log.exception("the end of %s could not be told", submit.token)

    def set_reading(self, has_readers: bool) -> None:
        """Whether readers wait for records: only then is the journal synced for them."""
        self._has_readers = has_readers
        self._sync_soon()

    def _sync_soon(self) -> None:
        if (
            self._has_readers
            and self._sync_timer is None
            and self.journal.last > self.disk_sync.number
        ):
            self._sync_timer = reactor.callLater(SYNC_DELAY, self._sync_to_disk)

    def _sync_to_disk(self) -> None:
        """Readers get what is on the disk alone, so no number is ever given to two records."""
        self._sync_timer = None
        self.disk_sync.wait().addErrback(lambda failure: self.store_failed(failure.value))

    def store_failed(self, error: OSError) -> None:
        """Note that nothing can be written. Each tick tries again."""
        if not self.store_error:
            _log.critical("the lane's folder can't be written: %s", error)
        self.store_error = str(error)

    def _notify_readers(self) -> None:
        for callback in self.on_log_growth:
            callback()
