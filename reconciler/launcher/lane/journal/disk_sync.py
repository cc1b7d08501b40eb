"""Waits until the journal is on the disk. All waiters share one fdatasync, in a thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

from reconciler.launcher.lane.journal.journal import Journal


class DiskSync:
    """`number`: the last record that is on the disk. `on_growth` is called when it has changed.

    `other_files`: functions that sync files beside the journal's. They run in the thread, and raise
    OSError.
    """

    def __init__(self, journal: Journal, on_growth: Callable[[], None]) -> None:
        self.number = journal.last
        self.other_files: list[Callable[[], None]] = []
        self._journal, self._on_growth = journal, on_growth
        self._waiters: list[Deferred[None]] = []
        self._is_busy = False
        self._pool = ThreadPool(minthreads=1, maxthreads=1, name="lane")

    def start(self) -> None:
        self._pool.start()

    def stop(self) -> None:
        self._pool.stop()

    def wait(self) -> Deferred[None]:
        """Fires once all that was written before is on the disk; fails with OSError."""
        waiter: Deferred[None] = Deferred()
        self._waiters.append(waiter)
        if not self._is_busy:
            self._is_busy = True
            reactor.callLater(0, self._begin)  # waiters of this reactor turn share the sync
        return waiter

    def _begin(self) -> None:
        waiters, self._waiters = self._waiters, []
        files = self._journal.unsynced()
        done = deferToThreadPool(reactor, self._pool, self._sync, files)
        done.addBoth(self._end, waiters, self._journal.last)

    def _sync(self, files: list[int]) -> None:
        for sync in self.other_files:
            sync()
        self._journal.sync(files)

    def _end(self, result: Any, waiters: list[Deferred[None]], number: int) -> None:
        if self._waiters:
            reactor.callLater(0, self._begin)
        else:
            self._is_busy = False
        if isinstance(result, Failure):
            for waiter in waiters:
                waiter.errback(result)
            return
        self.number = number
        for waiter in waiters:
            waiter.callback(None)
        self._on_growth()
