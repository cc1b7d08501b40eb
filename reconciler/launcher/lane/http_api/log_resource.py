"""`GET /lane/log`: what became of submits, and what carriers sent (`reconciler.gateway_api`).

Records are read once they are on the disk, so that no number is ever given twice.
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
from reconciler.launcher.lane.http_api.json_requests import Problem
from reconciler.launcher.lane.lane import Lane

MOST_READERS = 16  # that wait
PAUSE = 0.25  # seconds between two answers that are not full: each costs us and the site the same
KEEPING = 1.0  # seconds that who would not wait waits for the disk


@dataclass(eq=False)
class _Reader:
    request: Request
    after: int
    limit: int
    timer: IDelayedCall


class Reading(Resource):
    """`is_operator(username, password)`: whether it is the console's user."""

    isLeaf = True  # noqa: N815 - as Twisted calls it

    def __init__(self, lane: Lane, is_operator: Callable[[str, str], bool]) -> None:
        super().__init__()
        self._lane, self._is_operator = lane, is_operator
        self._readers: list[_Reader] = []
        self._told_at = 0.0  # `time.monotonic` of the last answer
        self._pause: IDelayedCall | None = None
        lane.on_records.append(self._tell)

    def render_GET(self, request: Request) -> int:  # noqa: N802 - as Twisted calls it
        try:
            self._read(request)
        except Problem as problem:
            json_requests.refuse(request, problem)
        return NOT_DONE_YET

    def _read(self, request: Request) -> None:
        if not self._is_operator(*json_requests.identity(request)):
            raise Problem(Refused.UNAUTHORIZED, "this is not the console's user")
        after = _number(request, b"after", 0, None)
        wait = _number(request, b"wait", 0, LONGEST_WAIT)
        limit = int(_number(request, b"limit", MOST_RECORDS, MOST_RECORDS)) or 1
        after = int(after)
        lane = self._lane
        known = (request.args.get(b"log") or [b""])[0].decode("latin-1")
        if after > lane.journal.last or known not in ("", lane.journal.log):
            raise Problem(Refused.OTHER_LOG, f"this is the log {lane.journal.log}")
        lane.journal.told(after)
        if not wait and after < lane.journal.last:
            wait = KEEPING
        if not wait or self._is_due(after, limit):
            self._answer(request, after, limit)
            return
        if len(self._readers) >= MOST_READERS:
            raise Problem(Refused.BUSY, f"{MOST_READERS} readers wait")
        timer = reactor.callLater(wait, self._answer, request, after, limit)
        reader = _Reader(request, after, limit, timer)
        self._readers.append(reader)
        request.notifyFinish().addBoth(lambda _: self._gone(reader))
        self._tell()
        lane.read_soon(True)

    def _is_due(self, after: int, limit: int) -> bool:
        """Whether there are records, enough or for long enough."""
        there = self._lane.kept.number - after
        return there >= limit or (there > 0 and time.monotonic() >= self._told_at + PAUSE)

    def _tell(self) -> None:
        for reader in self._readers[:]:
            if self._is_due(reader.after, reader.limit):
                self._answer(reader.request, reader.after, reader.limit)
            elif reader.after < self._lane.kept.number and self._pause is None:
                self._pause = reactor.callLater(PAUSE, self._go_on)

    def _go_on(self) -> None:
        self._pause = None
        self._tell()

    def _gone(self, reader: _Reader) -> None:
        if reader.timer.active():
            reader.timer.cancel()
        self._readers.remove(reader)
        if not self._readers:
            self._lane.read_soon(False)

    def _answer(self, request: Request, after: int, limit: int) -> None:
        journal, kept = self._lane.journal, self._lane.kept.number
        records = journal.read(after, min(limit, max(0, kept - after)))
        self._told_at = time.monotonic()
        head = f'{{"log":"{journal.log}","first":{journal.first},"last":{kept},"records":['
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
        raise Problem(Refused.MALFORMED, f"{name.decode()}: a number is wanted")
    return number if most is None else min(number, most)
