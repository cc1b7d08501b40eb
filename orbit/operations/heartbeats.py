"""Workers, receivers and the beat say every few seconds that they live, and do what apps want done
as often.

A process that ends in order takes its row away; a row that grows old is a process that was killed
or hangs. Both are threads beside Celery's own work and no tasks, so they go on without Redis and
however busy the workers are.
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

from orbit.api.models import Heartbeat
from orbit.operations import health, retention
from orbit.operations.health import Health

INTERVAL = 3.0  # seconds
LATE = timedelta(seconds=9)
FORGOTTEN = timedelta(days=1)  # a host that was taken away for good
BEAT = "beat@"  # how its names begin
SILENT = "no heartbeat: it was killed, or hangs"

logger = logging.getLogger(__name__)
_duties: list[Callable[[], None]] = []
_running: list[Pulse] = []


def register(duty: Callable[[], None]) -> None:
    """Add a function that each process calls as often as it says that it lives: it has to see to
    it that not all of them do the same."""
    _duties.append(duty)


class _Regular(threading.Thread):
    """Does its work every INTERVAL seconds; what fails is logged once and tried again."""

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
        except Exception as error:  # a thread that ends would be taken for a process that did
            if not self._failed:
                logger.warning("%s: %s", self.name, error, exc_info=error)
            self._failed = True
        else:
            self._failed = False

    def work(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        """Return when it works no more, or hangs."""
        self._ended.set()
        if self.is_alive():
            self.join(INTERVAL)


class Pulse(_Regular):
    """The heartbeats of this process. `queues`: those that it takes tasks from."""

    def __init__(self, name: str, queues: list[str]) -> None:
        super().__init__("heartbeat")
        self._process, self._queues = name, queues

    def work(self) -> None:
        values = {"queues": self._queues, "at": timezone.now()}
        Heartbeat.objects.update_or_create(name=self._process, defaults=values)

    def end(self) -> None:
        """Of a process that ends in order. A heartbeat that is under way is waited for: else it
        would bring the row back."""
        self.stop()
        try:
            Heartbeat.objects.filter(name=self._process).delete()
            connection.close()
        except Exception as error:
            logger.warning("the heartbeat stays: %s", type(error).__name__)


class Duties(_Regular):
    """What apps want done as often, in a thread of its own: a gateway that hangs must not make a
    process look dead."""

    def __init__(self) -> None:
        super().__init__("duties")

    def work(self) -> None:
        for duty in _duties:
            duty()


def processes() -> dict[str, Health]:
    """Each process that has reported, and whether it still does."""
    rows, live = _rows()
    served = _served(live)
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
    """Each queue, and whether a process takes its tasks."""
    _, live = _rows()
    served = _served(live)
    return {
        queue.name: Health(True)
        if queue.name in served
        else Health(False, "no worker takes its tasks")
        for queue in settings.CELERY_TASK_QUEUES
    }


def _rows() -> tuple[list[Heartbeat], list[Heartbeat]]:
    """All that are not forgotten, and those of them that live."""
    now = timezone.now()
    rows = list(Heartbeat.objects.filter(at__gt=now - FORGOTTEN).order_by("name"))
    # A clock that was set back must not keep a dead one alive.
    return rows, [row for row in rows if abs(now - row.at) <= LATE]


def _served(live: list[Heartbeat]) -> set[str]:
    return {queue for row in live for queue in row.queues}


def start(name: str, queues: list[str]) -> None:
    """Say from now on that the process `name` lives; `queues`: whose work it does."""
    if not _running:
        _running.append(Pulse(name, queues))
        _running[0].start()
        Duties().start()


def end() -> None:
    """This process ends in order."""
    for pulse in _running:
        pulse.end()


@signals.worker_ready.connect
def _worker_is_ready(sender: Any, **_: Any) -> None:
    start(sender.hostname, sorted(sender.app.amqp.queues.consume_from))


@signals.worker_shutdown.connect
def _worker_ends(**_: Any) -> None:
    end()


@signals.beat_init.connect
def _beat_is_ready(**_: Any) -> None:
    start(f"{BEAT}{gethostname()}", [])
    atexit.register(_running[0].end)


def _forget() -> int:
    return retention.delete_in_chunks(Heartbeat.objects.filter(at__lt=timezone.now() - FORGOTTEN))


health.register("process", processes, needs_database=True)
health.register("queue", queues, needs_database=True)
retention.register("heartbeats", _forget)
