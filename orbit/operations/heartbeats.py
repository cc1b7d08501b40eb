"""Heartbeats: workers, receivers and beat write every few seconds that they are alive.

A process that shuts down deletes its row; a row that grows old is a process that was killed or
hangs. Apps register duties, which every process does as often. Heartbeats and duties are threads
beside Celery's own work and no tasks, so they go on without Redis and however busy the workers are.
"""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celery import signals
from celery.utils.nodenames import gethostname
from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone

from orbit.operations import health, retention
from orbit.operations.health import Health
from orbit.operations.models import Heartbeat

INTERVAL = 3.0  # seconds
LATE = timedelta(seconds=9)
FORGOTTEN = timedelta(days=1)  # after that, a row is a host that no longer exists
BEAT = "beat@"  # prefix of its names
SILENT = "no heartbeat: it was killed, or hangs"

logger = logging.getLogger(__name__)
_duties: list[Callable[[], None]] = []
_heartbeats: list[HeartbeatThread] = []


def register(duty: Callable[[], None]) -> None:
    """Add a function that every process calls every INTERVAL seconds.

    The function must make sure that not all processes do the same work.
    """
    _duties.append(duty)


class Periodic(threading.Thread):
    """Works every INTERVAL seconds; logs the first of several failures and tries again."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._ended = threading.Event()
        self._failed = False

    def run(self) -> None:
        while True:
            self.beat()
            if self._ended.wait(INTERVAL):
                return

    def beat(self) -> None:
        try:
            close_old_connections()
            self.work()
        except Exception as error:  # if the thread ended, the process would look dead
            if not self._failed:
                logger.warning("%s: %s", self.name, error, exc_info=error)
            self._failed = True
        else:
            self._failed = False

    def work(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        """Stop, and wait at most INTERVAL for the work in progress."""
        self._ended.set()
        if self.is_alive():
            self.join(INTERVAL)


class HeartbeatThread(Periodic):
    """The heartbeats of this process. `queues`: those that it takes tasks from."""

    def __init__(self, name: str, queues: list[str]) -> None:
        super().__init__("heartbeat")
        self._process, self._queues = name, queues

    def work(self) -> None:
        values = {"queues": self._queues, "at": timezone.now()}
        Heartbeat.objects.update_or_create(name=self._process, defaults=values)

    def end(self) -> None:
        """Stop and delete the row; a heartbeat in progress ends first, else it would come back."""
        self.stop()
        try:
            Heartbeat.objects.filter(name=self._process).delete()
            connection.close()
        except Exception as error:
            logger.warning("the heartbeat stays: %s", type(error).__name__)


class DutyThread(Periodic):
    """The registered duties, in a thread of their own: a duty that waits for a hanging gateway must
    not make the process look dead."""

    def __init__(self) -> None:
        super().__init__("duties")

    def work(self) -> None:
        for duty in _duties:
            duty()


def processes() -> dict[str, Health]:
    """The health of each process that has reported, by its name."""
    rows, live = _rows()
    served = _served_queues(live)
    beats = any(row.name.startswith(BEAT) for row in live)
    found = {}
    for row in rows:
        if row in live:
            found[row.name] = Health(True, "alive")
        else:
            others = served.issuperset(row.queues) if row.queues else beats
            found[row.name] = Health(others, SILENT, degraded=others)
    if not any(row.name.startswith(BEAT) for row in rows):
        found["beat"] = Health(False, "it does not run: nothing is done by the clock")
    return found


def queues() -> dict[str, Health]:
    """The health of each queue: whether a live process takes its tasks."""
    _, live = _rows()
    served = _served_queues(live)
    return {
        queue.name: Health(True)
        if queue.name in served
        else Health(False, "no worker takes its tasks")
        for queue in settings.CELERY_TASK_QUEUES
    }


def _rows() -> tuple[list[Heartbeat], list[Heartbeat]]:
    """All rows that are not forgotten, and those of them that are alive."""
    now = timezone.now()
    rows = list(Heartbeat.objects.filter(at__gt=now - FORGOTTEN).order_by("name"))
    # After the clock was set back, the row of a dead process lies in the future.
    return rows, [row for row in rows if abs(now - row.at) <= LATE]


def _served_queues(live: list[Heartbeat]) -> set[str]:
    return {queue for row in live for queue in row.queues}


def start(name: str, queues: list[str]) -> None:
    """Start the heartbeats and duties of this process; `queues`: those that it takes tasks from."""
    if not _heartbeats:
        _heartbeats.append(HeartbeatThread(name, queues))
        _heartbeats[0].start()
        DutyThread().start()


def end() -> None:
    """Stop the heartbeats of a process that shuts down."""
    for thread in _heartbeats:
        thread.end()


@signals.worker_ready.connect
def _worker_is_ready(sender: Any, **_: Any) -> None:
    start(sender.hostname, sorted(sender.app.amqp.queues.consume_from))


@signals.worker_shutdown.connect
def _worker_ends(**_: Any) -> None:
    end()


@signals.beat_init.connect
def _beat_is_ready(**_: Any) -> None:
    start(f"{BEAT}{gethostname()}", [])
    atexit.register(_heartbeats[0].end)


def prune_heartbeats() -> int:
    """Delete rows older than FORGOTTEN; return how many."""
    return retention.delete_in_chunks(Heartbeat.objects.filter(at__lt=timezone.now() - FORGOTTEN))


health.register("process", processes, needs_database=True)
health.register("queue", queues, needs_database=True)
retention.register("heartbeats", prune_heartbeats)
