"""Reports wait here until whoever is to hear them has taken them, whatever dies meanwhile."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from twisted.internet import defer, reactor
from twisted.logger import Logger
from twisted.python.failure import Failure

from reconciler.launcher.dlr.event_file import Event, EventFile

KEPT = 86_400.0  # seconds that a report is tried
MOST = 200_000  # reports; the oldest is given up
AT_ONCE = 10  # without an answer, for each who hears them
DRAIN = 3.0  # seconds that an orderly end waits for what is under way
FIRST, LONGEST = 1.0, 60.0  # seconds until the next try, doubled each time

log = Logger()


@dataclass
class Report:
    """`target`: a platform's system_id or an address; `said` is what `forms` made, JSON."""

    id: str
    target: str
    at: float
    said: dict[str, Any] = field(repr=False)
    tries: int = 0


class NotTaken(Exception):
    """Nothing was taken. `again`: trying once more makes sense."""

    def __init__(self, why: str, *, again: bool) -> None:
        super().__init__(why)
        self.again = again


# Fires once it was taken; fails with NotTaken.
Courier = Callable[[Report], defer.Deferred]


@dataclass
class _Queue:
    waiting: deque[Report] = field(default_factory=deque)
    under_way: int = 0
    wait: float = 0.0
    timer: Any = None


class Outbox:
    """Reports for one who hears them leave in order, some at a time. Raises OSError where said."""

    def __init__(self, folder: Path, courier: Courier) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._courier = courier
        self._reports: OrderedDict[str, Report] = OrderedDict()
        self._queues: dict[str, _Queue] = {}
        self._under_way: set[defer.Deferred] = set()
        self._is_closing = False
        self._kept = EventFile(folder / "reports.events", self._live)
        for event in self._kept.read():
            if "gone" in event:
                self._reports.pop(event["gone"], None)
            else:
                self._reports[event["put"]["id"]] = Report(**event["put"])
        self._kept.open()
        for report in self._reports.values():
            self._queue(report.target).waiting.append(report)
        reactor.callLater(0, self.look)

    def put(self, report: Report) -> None:
        """It is kept when this returns; one of the same id is one. Raises OSError."""
        if report.id in self._reports:
            return
        self._kept.say({"put": asdict(report)})
        self._reports[report.id] = report
        if len(self._reports) > MOST:
            self._give_up(next(iter(self._reports.values())), "too many wait")
        self._queue(report.target).waiting.append(report)
        reactor.callLater(0, self._pump, report.target)

    def keep(self) -> None:
        """On the disk, in any thread. Raises OSError."""
        self._kept.keep()

    def close(self) -> defer.Deferred:
        """Begin nothing more; fires once what is under way has ended, or soon."""
        self._is_closing = True
        ended = defer.DeferredList(list(self._under_way))
        return ended.addTimeout(DRAIN, reactor).addErrback(lambda _: None)

    def look(self, target: str = "") -> None:
        """Somebody (or anybody) may hear reports again: try at once."""
        for each in [target] if target else list(self._queues):
            if (queue := self._queues.get(each)) is not None:
                queue.wait = 0.0
                if queue.timer is not None and queue.timer.active():
                    queue.timer.cancel()
                queue.timer = None
                self._pump(each)

    def _queue(self, target: str) -> _Queue:
        return self._queues.setdefault(target, _Queue())

    def _pump(self, target: str) -> None:
        queue = self._queues.get(target)
        if queue is None or queue.timer is not None or self._is_closing:
            return
        while queue.waiting and queue.under_way < AT_ONCE and queue.timer is None:
            report = queue.waiting.popleft()
            if report.id not in self._reports:
                continue  # given up meanwhile
            queue.under_way += 1
            report.tries += 1
            done = defer.maybeDeferred(self._courier, report)
            done.addCallbacks(self._taken, self._failed, (report, queue), {}, (report, queue), {})
            self._under_way.add(done)
            done.addBoth(self._next, done, target, queue)
        if not queue.waiting and not queue.under_way:
            self._queues.pop(target, None)

    def _taken(self, _: object, report: Report, queue: _Queue) -> None:
        queue.wait = 0.0
        self._forget(report)

    def _failed(self, failure: Failure, report: Report, queue: _Queue) -> None:
        again = failure.value.again if isinstance(failure.value, NotTaken) else True
        if not again or time.time() - report.at > KEPT:
            self._give_up(report, failure.getErrorMessage())
            return
        queue.waiting.appendleft(report)
        queue.wait = min(LONGEST, queue.wait * 2 or FIRST)
        if queue.timer is None:
            queue.timer = reactor.callLater(queue.wait, self._again, report.target, queue)

    def _again(self, target: str, queue: _Queue) -> None:
        queue.timer = None
        self._pump(target)

    def _next(self, _: object, done: defer.Deferred, target: str, queue: _Queue) -> None:
        self._under_way.discard(done)
        queue.under_way -= 1
        self._pump(target)

    def _give_up(self, report: Report, why: str) -> None:
        log.error(
            "Report {id} for {to} is given up: {why}", id=report.id, to=report.target, why=why
        )
        self._forget(report)

    def _forget(self, report: Report) -> None:
        self._reports.pop(report.id, None)
        try:
            self._kept.say({"gone": report.id})
        except OSError as error:  # told again by the next process
            log.error("Report {id} can't be crossed out: {why}", id=report.id, why=str(error))

    def _live(self) -> Iterator[Event]:
        return ({"put": asdict(report)} for report in self._reports.values())
