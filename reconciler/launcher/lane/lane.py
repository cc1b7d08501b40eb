"""All connectors, one journal: what is accepted ends in a record, whatever dies."""

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
from reconciler.launcher.lane.carrier_settings import Settings
from reconciler.launcher.lane.connector import Connector
from reconciler.launcher.lane.journal import log_records
from reconciler.launcher.lane.journal.disk_sync import Kept
from reconciler.launcher.lane.journal.journal import MOST_OCTETS, Journal
from reconciler.launcher.lane.message import ENDED, WAITING, WRITTEN, Message
from reconciler.launcher.lane.submit import End, Refusal, Submit

TICK = 0.25  # seconds
TOGETHER = 0.01  # seconds: records of this time go to the disk and to the reader together
MOST_OPEN = 100_000  # messages of all connectors that have not ended

_log = logging.getLogger("lane")


class Lane:
    """`folder` is made, with the mode 0700; it holds about `most_octets`, and one more file.
    Raises OSError if it can't be used.

    `on_end` is called for each part of access and HTTP traffic that ended, before its record is
    written: after a kill in between once more, maybe with another end. `on_deliver` is called for
    each deliver_sm and data_sm before it is recorded: True says that it was a receipt of access
    traffic. `store_error`: why nothing can be written down now, "" if it can.
    """

    def __init__(self, folder: Path, *, most_octets: int = MOST_OCTETS) -> None:
        self.on_end: list[Callable[[Submit, End], None]] = []
        self.on_deliver: list[Callable[[Connector, Pdu], bool]] = []
        self.on_records: list[Callable[[], None]] = []  # more of the log is on the disk
        self.connectors: dict[str, Connector] = {}
        self._leaving: set[Connector] = set()  # removed, and not yet unbound
        self.journal = Journal(folder, most_octets=most_octets)
        self.kept = Kept(self.journal, self._grown)
        self.is_closing = False
        self.store_error = ""
        self._orphans: dict[str, list[Message]] = {}  # whose connector is not there yet
        self._ticking = LoopingCall(self._tick)
        self._is_read = False
        self._keeping: IDelayedCall | None = None

    def recover(self) -> None:
        """Once, when `on_end` is set: see to what the process before left, and begin to work.

        Written without an answer: told `no_answer`. Accepted and not written: waits for its
        connector as if it had just come, until it expires.
        """
        self.kept.start()
        for message in list(self.journal.open.values()):
            self._recover(message)
        self.commit()
        self._ticking.start(TICK, now=False)

    def _recover(self, message: Message) -> None:
        why = "the gateway was restarted before the answer came"
        if self.journal.is_doubtful:
            why = "the machine was restarted: whether it was written is not known"
        for part, state in enumerate(message.states):
            if state == WRITTEN:
                record = log_records.no_answer(message, part, "", why)
                self.journal.end(message, part, record)
                self.ended(message.submit, End(part, None, "", why))
        if WAITING not in message.states:
            return
        connector = self.connectors.get(message.cid)
        if connector is not None:
            connector.traffic.add([message])
        else:
            self._orphans.setdefault(message.cid, []).append(message)

    def connector(self, cid: str) -> Connector | None:
        return self.connectors.get(cid)

    def add(self, cid: str, settings: Settings) -> Connector:
        """Not started. Raises ValueError if there is one of this name."""
        if cid in self.connectors:
            raise ValueError(f"there is a connector {cid}")
        connector = self.connectors[cid] = Connector(self, cid, settings)
        connector.traffic.add(self._orphans.pop(cid, ()))
        return connector

    def remove(self, cid: str) -> Deferred[None]:
        """Stops it first. Raises KeyError."""
        connector = self.connectors.pop(cid)
        self._leaving.add(connector)
        return connector.stop().addCallback(lambda _: self._leaving.discard(connector))

    def submit(self, cids: Sequence[str], submits: Sequence[Submit]) -> list[Refusal | None]:
        """The first bound connector of `cids` with room takes each; None: it was accepted, now or
        before. Written down before this returns.

        Raises OSError if they can't be: then none is taken.
        """
        bound = [
            connector
            for cid in cids
            if (connector := self.connectors.get(cid)) is not None and connector.is_bound
        ]
        taken: dict[str, Message] = {}
        room = {connector.cid: connector.room for connector in bound}
        answers = [self._take(submit, bound, room, taken) for submit in submits]
        if not taken:
            return answers
        try:
            self.journal.accept(list(taken.values()))
        except OSError as error:
            self.failed(error)
            raise
        for connector in bound:
            messages = [each for each in taken.values() if each.cid == connector.cid]
            if messages:
                connector.traffic.add(messages)
                connector.turn()
        return answers

    def _take(
        self,
        submit: Submit,
        bound: list[Connector],
        room: dict[str, int],
        taken: dict[str, Message],
    ) -> Refusal | None:
        if submit.token in taken or self.journal.knows(submit.token):
            return None
        if not submit.parts:
            return Refusal(Reason.INVALID, "parts: there is none")
        if submit.expires_in <= 0:
            return Refusal(Reason.EXPIRED)
        if not bound or self.is_closing:
            return Refusal(Reason.NOT_BOUND, "no connector is bound")
        if self.journal.is_full:
            return Refusal(Reason.FULL, "the log is full: the site has not read it")
        if len(self.journal.open) + len(taken) >= MOST_OPEN:
            return Refusal(Reason.FULL, f"{MOST_OPEN} messages are on their way")
        for connector in bound:
            is_first = not connector.waiting and room[connector.cid] == connector.room
            if room[connector.cid] >= len(submit.parts) or is_first:
                room[connector.cid] -= len(submit.parts)
                until = time.monotonic() + submit.expires_in
                taken[submit.token] = Message(submit, connector.cid, until)
                return None
        return Refusal(Reason.FULL, "as many submits wait for the carrier as may")

    def when_kept(self) -> Deferred[None]:
        """Fires once what was written down before is on the disk; fails with OSError."""
        return self.kept.wait()

    def close(self) -> Deferred[None]:
        """An orderly end: nothing more is written, answers have a moment to come."""
        self.is_closing = True
        stopped = DeferredList([connector.stop() for connector in self.connectors.values()])
        return stopped.addCallback(lambda _: self._close())

    def _close(self) -> None:
        if self._ticking.running:
            self._ticking.stop()
        self.commit()
        self.kept.stop()
        try:
            self.journal.close()
        except OSError as error:
            self.failed(error)

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
        """Its connector has not come."""
        why = "expired"
        if message.is_untouched:
            self.journal.end_all(message, log_records.not_sent(message, "", why))
            self.ended(message.submit, End(None, None, "", why))
            return
        for part, state in enumerate(message.states):
            if state != ENDED:
                self.journal.end(message, part, log_records.no_answer(message, part, "", why))
                self.ended(message.submit, End(part, None, "", why))

    # What connectors tell

    def ended(self, submit: Submit, end: End) -> None:
        """Before its record is written, and before what the carrier sent after it is looked at."""
        if submit.origin != "site":
            self._tell(submit, end)

    def is_access(self, connector: Connector, pdu: Pdu) -> bool:
        try:
            return any(heard(connector, pdu) for heard in self.on_deliver)
        except Exception:
            _log.exception("what %s sent could not be told", connector.cid)
            return False

    def commit(self) -> None:
        """All that has happened in this turn, in one write; `on_end` has heard of it."""
        try:
            self.journal.commit()
        except OSError as error:
            self.failed(error)
            return
        self._keep_soon()

    def _tell(self, submit: Submit, end: End) -> None:
        for heard in self.on_end:
            try:
                heard(submit, end)
            except Exception:
                _log.exception("the end of %s could not be told", submit.token)

    def read_soon(self, is_read: bool) -> None:
        """Whether somebody waits for records."""
        self._is_read = is_read
        self._keep_soon()

    def _keep_soon(self) -> None:
        if self._is_read and self._keeping is None and self.journal.last > self.kept.number:
            self._keeping = reactor.callLater(TOGETHER, self._keep)

    def _keep(self) -> None:
        """Only what is on the disk is read: its number will never be another's."""
        self._keeping = None
        self.kept.wait().addErrback(lambda failure: self.failed(failure.value))

    def failed(self, error: OSError) -> None:
        """Nothing can be written down; it is tried again."""
        if not self.store_error:
            _log.critical("the lane's folder can't be written: %s", error)
        self.store_error = str(error)

    def _grown(self) -> None:
        for heard in self.on_records:
            heard()
