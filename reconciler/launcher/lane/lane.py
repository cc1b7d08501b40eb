"""All connectors and their storage: each accepted message ends in a record, also after a kill."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.task import LoopingCall

from reconciler.gateway_api import Reason
from reconciler.launcher.lane.carrier_settings import CarrierSettings
from reconciler.launcher.lane.connector import Connector
from reconciler.launcher.lane.journal import log_records
from reconciler.launcher.lane.journal.journal import MAX_OCTETS
from reconciler.launcher.lane.message import ENDED, WAITING, WRITTEN, Message
from reconciler.launcher.lane.storage import Storage
from reconciler.launcher.lane.submit import Outcome, Refusal, Submit
from reconciler.launcher.lane.traces import Traces

TICK_INTERVAL = 0.25  # seconds
MAX_OPEN = 100_000  # messages of all connectors that have not ended

_log = logging.getLogger("lane")


class Lane:
    """`connectors`: by cid. `folder` and `max_octets` are for the `storage`. `is_draining`: it
    accepts nothing that it does not have already.

    Raises OSError if the folder can't be used.
    """

    def __init__(self, folder: Path, *, max_octets: int = MAX_OCTETS) -> None:
        self.storage = Storage(folder, max_octets=max_octets)
        self.connectors: dict[str, Connector] = {}
        self.traces = Traces(self.connectors)
        self.is_draining = False
        self._journal = self.storage.journal
        self._leaving: set[Connector] = set()  # removed, not yet unbound
        self._orphans: dict[str, list[Message]] = {}  # by cid, of connectors that are not added yet
        self._tick_loop = LoopingCall(self._tick)

    def recover(self) -> None:
        """End or requeue what the process before left, and begin to work. Call it once, after
        `storage.on_outcome` is filled.

        A part that was written and not answered ends as `no_answer`. One that was not written waits
        for its connector until it expires.
        """
        self.storage.start()
        for message in list(self._journal.open.values()):
            self._recover(message)
        self.storage.commit()
        self._tick_loop.start(TICK_INTERVAL, now=False)

    def _recover(self, message: Message) -> None:
        why = "the gateway was restarted before the answer came"
        if self._journal.is_doubtful:
            why = "the machine was restarted: whether it was written is not known"
        for part, state in enumerate(message.states):
            if state == WRITTEN:
                record = log_records.no_answer(message, part, "", why)
                self._journal.end(message, part, record)
                self.storage.part_ended(message.submit, Outcome(part, None, "", why))
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
        connector = self.connectors[cid] = Connector(self.storage, cid, settings)
        connector.window.add(self._orphans.pop(cid, ()))
        connector.show_to(self.traces.of(cid))
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
            self._journal.accept(list(accepted.values()))
        except OSError as error:
            self.storage.failed(error)
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
        if submit.token in accepted or self._journal.knows(submit.token):
            return None
        if self.is_draining:
            return Refusal(Reason.DRAINING, "the gateway is being drained")
        if not submit.parts:
            return Refusal(Reason.INVALID, "parts: there is none")
        if submit.expires_in <= 0:
            return Refusal(Reason.EXPIRED)
        if not bound or self.storage.is_closing:
            return Refusal(Reason.NOT_BOUND, "no connector is bound")
        if self._journal.is_full:
            return Refusal(Reason.FULL, "the log is full: the site has not read it")
        if len(self._journal.open) + len(accepted) >= MAX_OPEN:
            return Refusal(Reason.FULL, f"{MAX_OPEN} messages are on their way")
        for connector in bound:
            is_first = not connector.waiting and room[connector.cid] == connector.room
            if room[connector.cid] >= len(submit.parts) or is_first:
                room[connector.cid] -= len(submit.parts)
                until = time.monotonic() + submit.expires_in
                accepted[submit.token] = Message(submit, connector.cid, until)
                return None
        return Refusal(Reason.FULL, "as many submits wait for the carrier as may")

    def withdraw(self, is_over: Callable[[Submit], bool], why: str) -> None:
        """End accepted messages of which nothing was written yet."""
        for connector in (*self.connectors.values(), *self._leaving):
            connector.window.withdraw(lambda message: is_over(message.submit), why)
        for messages in self._orphans.values():
            for message in messages:
                if message.is_untouched and is_over(message.submit):
                    self._end_unsent(message, why)
        self.storage.commit()

    def close(self) -> Deferred[None]:
        """An orderly end: write nothing more to carriers, give their answers a moment to come."""
        self.storage.is_closing = True
        stopped = DeferredList([each.stop() for each in self.connectors.values()])
        return stopped.addCallback(lambda _: self._close())

    def _close(self) -> None:
        if self._tick_loop.running:
            self._tick_loop.stop()
        self.storage.close()

    def _tick(self) -> None:
        now = time.monotonic()
        for connector in (*self.connectors.values(), *self._leaving):
            try:
                connector.tick(now)
            except Exception:
                _log.exception("connector %s", connector.cid)
        self._expire_orphans(now)
        self.storage.probe()
        self.storage.commit()

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
            self._end_unsent(message, why)
            return
        for part, state in enumerate(message.states):
            if state != ENDED:
                self._journal.end(message, part, log_records.no_answer(message, part, "", why))
                self.storage.part_ended(message.submit, Outcome(part, None, "", why))

    def _end_unsent(self, message: Message, why: str) -> None:
        self._journal.end_all(message, log_records.not_sent(message, "", why))
        self.storage.part_ended(message.submit, Outcome(None, None, "", why))
