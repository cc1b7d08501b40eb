"""Waits until what was written down is on the disk.

All who wait share one fdatasync, in a thread of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

from reconciler.launcher.lane.journal.journal import Journal


class Kept:
    """`number`: up to this record the log is on the disk. `changed` is called when it grows. `also`
    are called in the thread, for files of others; they raise OSError."""

    def __init__(self, journal: Journal, changed: Callable[[], None]) -> None:
        self.number = journal.last
        self.also: list[Callable[[], None]] = []
        self._journal, self._changed = journal, changed
        self._waiting: list[Deferred[None]] = []
        self._is_busy = False
        self._pool = ThreadPool(minthreads=1, maxthreads=1, name="lane")

    def start(self) -> None:
        self._pool.start()

    def stop(self) -> None:
        self._pool.stop()

    def wait(self) -> Deferred[None]:
        """Fires once all that has been written is on the disk; fails with OSError."""
        waiting: Deferred[None] = Deferred()
        self._waiting.append(waiting)
        if not self._is_busy:
            self._is_busy = True
            reactor.callLater(0, self._keep)  # others of this turn come along
        return waiting

    def _keep(self) -> None:
        waiting, self._waiting = self._waiting, []
        files = self._journal.unkept()
        kept = deferToThreadPool(reactor, self._pool, self._to_disk, files)
        kept.addBoth(self._kept, waiting, self._journal.last)

    def _to_disk(self, files: list[int]) -> None:
        for keep in self.also:
            keep()
        self._journal.keep(files)

    def _kept(self, result: Any, waiting: list[Deferred[None]], number: int) -> None:
        if self._waiting:
            reactor.callLater(0, self._keep)
        else:
            self._is_busy = False
        if isinstance(result, Failure):
            for each in waiting:
                each.errback(result)
            return
        self.number = number
        for each in waiting:
            each.callback(None)
        self._changed()
