"""`GET /lane/log`: outcomes of submits, and what carriers sent (`reconciler.gateway_api`).

Only records that are on the disk are given out, so that no two records ever share a number.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from twisted.internet import reactor
from twisted.internet.interfaces import IDelayedCall
from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from reconciler.gateway_api import LONGEST_WAIT, MOST_RECORDS, Refused
from reconciler.launcher.lane.http_api import json_requests
from reconciler.launcher.lane.http_api.json_requests import RequestRefused
from reconciler.launcher.lane.storage import Storage

MAX_READERS = 16  # that wait at once
MIN_INTERVAL = 0.25  # seconds between answers that are not full: each costs both sides the same
SYNC_WAIT = 1.0  # seconds to wait for the disk in a request that asks for no wait


@dataclass(eq=False)
class _Reader:
    request: Request
    after: int
    limit: int
    timer: IDelayedCall


class LogResource(Resource):
    """`is_operator(username, password)`: whether these are the console's user and password."""

    isLeaf = True  # noqa: N815 - as Twisted calls it

    def __init__(self, storage: Storage, is_operator: Callable[[str, str], bool]) -> None:
        super().__init__()
        self._storage, self._is_operator = storage, is_operator
        self._readers: list[_Reader] = []
        self._answered_at = 0.0  # `time.monotonic` of the last answer
        self._interval_timer: IDelayedCall | None = None
        storage.on_log_growth.append(self._answer_due)

    def render_GET(self, request: Request) -> int:  # noqa: N802 - as Twisted calls it
        try:
            self._read(request)
        except RequestRefused as refusal:
            json_requests.refuse(request, refusal)
        return NOT_DONE_YET

    def _read(self, request: Request) -> None:
        if not self._is_operator(*json_requests.identity(request)):
            raise RequestRefused(Refused.UNAUTHORIZED, "this is not the console's user")
        after = _number(request, b"after", 0, None)
        wait = _number(request, b"wait", 0, LONGEST_WAIT)
        limit = int(_number(request, b"limit", MOST_RECORDS, MOST_RECORDS)) or 1
        after = int(after)
        journal = self._storage.journal
        known = (request.args.get(b"log") or [b""])[0].decode("latin-1")
        if after > journal.last or known not in ("", journal.log):
            raise RequestRefused(Refused.OTHER_LOG, f"this is the log {journal.log}")
        journal.acknowledge(after)
        if not wait and after < journal.last:
            wait = SYNC_WAIT
        if not wait or self._is_due(after, limit):
            self._answer(request, after, limit)
            return
        if len(self._readers) >= MAX_READERS:
            raise RequestRefused(Refused.BUSY, f"{MAX_READERS} readers wait")
        timer = reactor.callLater(wait, self._answer, request, after, limit)
        reader = _Reader(request, after, limit, timer)
        self._readers.append(reader)
        request.notifyFinish().addBoth(lambda _: self._remove_reader(reader))
        self._answer_due()
        self._storage.set_reading(True)

    def _is_due(self, after: int, limit: int) -> bool:
        """Whether to answer: a full page, or some records and no answer was given just now."""
        available = self._storage.disk_sync.number - after
        return available >= limit or (
            available > 0 and time.monotonic() >= self._answered_at + MIN_INTERVAL
        )

    def _answer_due(self) -> None:
        for reader in self._readers[:]:
            if self._is_due(reader.after, reader.limit):
                self._answer(reader.request, reader.after, reader.limit)
            elif reader.after < self._storage.disk_sync.number and self._interval_timer is None:
                self._interval_timer = reactor.callLater(MIN_INTERVAL, self._after_interval)

    def _after_interval(self) -> None:
        self._interval_timer = None
        self._answer_due()

    def _remove_reader(self, reader: _Reader) -> None:
        if reader.timer.active():
            reader.timer.cancel()
        self._readers.remove(reader)
        if not self._readers:
            self._storage.set_reading(False)

    def _answer(self, request: Request, after: int, limit: int) -> None:
        journal, synced = self._storage.journal, self._storage.disk_sync.number
        records = journal.read(after, limit, up_to=synced)
        self._answered_at = time.monotonic()
        head = f'{{"log":"{journal.log}","first":{journal.first},"last":{synced},"records":['
        json_requests.answer(request, b"".join((head.encode(), b",".join(records), b"]}")))


def _number(request: Request, name: bytes, default: float, most: float | None) -> float:
    values = request.args.get(name)
    if not values:
        return default
    try:
        number = float(values[0])
    except ValueError:
        number = -1.0
    if not 0 <= number < 2**53:
        raise RequestRefused(Refused.MALFORMED, f"{name.decode()}: a number is wanted")
    return number if most is None else min(number, most)
