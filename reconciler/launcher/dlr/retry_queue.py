"""Keeps reports on disk and tries to deliver each until it is taken, across restarts."""

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

MAX_AGE = 86_400.0  # seconds until a report is given up
MAX_REPORTS = 200_000  # with more the oldest is given up
MAX_CONCURRENT = 10  # attempts at once, for each target
DRAIN = 3.0  # seconds that an orderly end waits for attempts in progress
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds until the next attempt, doubled each time

log = Logger()


@dataclass
class Report:
    """`target`: the system_id of an SMPP client, or a URL; `said`: what `content` made of it.

    The names of its fields are in the file.
    """

    id: str
    target: str
    at: float
    said: dict[str, Any] = field(repr=False)
    tries: int = 0


class DeliveryFailed(Exception):
    """The target did not take a report. `again`: whether another attempt makes sense."""

    def __init__(self, why: str, *, again: bool) -> None:
        super().__init__(why)
        self.again = again


# Delivers one report: fires when it was taken, fails with DeliveryFailed.
Thrower = Callable[[Report], defer.Deferred]


@dataclass
class _TargetQueue:
    waiting: deque[Report] = field(default_factory=deque)
    in_progress: int = 0
    wait: float = 0.0
    timer: Any = None


class RetryQueue:
    """Reports to one target leave in order, `MAX_CONCURRENT` at a time.

    `throw` delivers one. Raises OSError if the folder can't be used.
    """

    def __init__(self, folder: Path, throw: Thrower) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._throw = throw
        self._reports: OrderedDict[str, Report] = OrderedDict()
        self._queues: dict[str, _TargetQueue] = {}
        self._in_progress: set[defer.Deferred] = set()
        self._is_closing = False
        self._file = EventFile(folder / "reports.events", self._snapshot)
        for event in self._file.read():
            if "gone" in event:
                self._reports.pop(event["gone"], None)
            else:
                self._reports[event["put"]["id"]] = Report(**event["put"])
        self._file.open()
        for report in self._reports.values():
            self._queue(report.target).waiting.append(report)
        reactor.callLater(0, self.retry_now)

    def put(self, report: Report) -> None:
        """Store a report, unless its id is there, and begin to deliver it. Raises OSError."""
        if report.id in self._reports:
            return
        self._file.append({"put": asdict(report)})
        self._reports[report.id] = report
        if len(self._reports) > MAX_REPORTS:
            self._give_up(next(iter(self._reports.values())), "too many wait")
        self._queue(report.target).waiting.append(report)
        reactor.callLater(0, self._pump, report.target)

    def sync(self) -> None:
        """Sync the file, in any thread. Raises OSError."""
        self._file.sync()

    def close(self) -> defer.Deferred:
        """Begin no more attempts; fires when those in progress have ended, or after `DRAIN`."""
        self._is_closing = True
        ended = defer.DeferredList(list(self._in_progress))
        return ended.addTimeout(DRAIN, reactor).addErrback(lambda _: None)

    def retry_now(self, target: str = "") -> None:
        """Try again without delay: this target (or, by default, each) may be reachable again."""
        for each in [target] if target else list(self._queues):
            if (queue := self._queues.get(each)) is not None:
                queue.wait = 0.0
                if queue.timer is not None and queue.timer.active():
                    queue.timer.cancel()
                queue.timer = None
                self._pump(each)

    def _queue(self, target: str) -> _TargetQueue:
        return self._queues.setdefault(target, _TargetQueue())

    def _pump(self, target: str) -> None:
        queue = self._queues.get(target)
        if queue is None or queue.timer is not None or self._is_closing:
            return
        while queue.waiting and queue.in_progress < MAX_CONCURRENT and queue.timer is None:
            report = queue.waiting.popleft()
            if report.id not in self._reports:
                continue  # given up in the meantime
            queue.in_progress += 1
            report.tries += 1
            done = defer.maybeDeferred(self._throw, report)
            done.addCallbacks(
                self._delivered, self._failed, (report, queue), {}, (report, queue), {}
            )
            self._in_progress.add(done)
            done.addBoth(self._finished, done, target, queue)
        if not queue.waiting and not queue.in_progress:
            self._queues.pop(target, None)

    def _delivered(self, _: object, report: Report, queue: _TargetQueue) -> None:
        queue.wait = 0.0
        self._forget(report)

    def _failed(self, failure: Failure, report: Report, queue: _TargetQueue) -> None:
        again = failure.value.again if isinstance(failure.value, DeliveryFailed) else True
        if not again or time.time() - report.at > MAX_AGE:
            self._give_up(report, failure.getErrorMessage())
            return
        queue.waiting.appendleft(report)
        queue.wait = min(LONGEST_WAIT, queue.wait * 2 or FIRST_WAIT)
        if queue.timer is None:
            queue.timer = reactor.callLater(queue.wait, self._retry, report.target, queue)

    def _retry(self, target: str, queue: _TargetQueue) -> None:
        queue.timer = None
        self._pump(target)

    def _finished(self, _: object, done: defer.Deferred, target: str, queue: _TargetQueue) -> None:
        self._in_progress.discard(done)
        queue.in_progress -= 1
        self._pump(target)

    def _give_up(self, report: Report, why: str) -> None:
        log.error(
            "Report {id} for {to} is given up: {why}", id=report.id, to=report.target, why=why
        )
        self._forget(report)

    def _forget(self, report: Report) -> None:
        self._reports.pop(report.id, None)
        try:
            self._file.append({"gone": report.id})
        except OSError as error:  # the next process delivers it again
            log.error("Report {id} can't be crossed out: {why}", id=report.id, why=str(error))

    def _snapshot(self) -> Iterator[Event]:
        return ({"put": asdict(report)} for report in self._reports.values())
