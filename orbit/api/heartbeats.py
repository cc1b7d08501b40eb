"""Workers, receivers and the beat say every few seconds that they live, and do what apps want done
as often.

A process that ends in order takes its row away; a row that grows old is a process that was killed
or hangs. It is a thread beside Celery's own work and no task, so it goes on without Redis and
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

from orbit.api import health, retention
from orbit.api.health import Health
from orbit.api.models import Heartbeat

INTERVAL = 3.0  # seconds
LATE = timedelta(seconds=9)
FORGOTTEN = timedelta(days=1)  # a host that was taken away for good
SILENT = "no heartbeat: it was killed, or hangs"

logger = logging.getLogger(__name__)
_duties: list[Callable[[], None]] = []
_running: list[Pulse] = []


def register(duty: Callable[[], None]) -> None:
    """Add a function that is called at each heartbeat of each process: it has to be quick and to
    see to it that not all of them do the same."""
    _duties.append(duty)


class Pulse(threading.Thread):
    """The heartbeats of this process. `queues`: those that it takes tasks from."""

    def __init__(self, name: str, queues: list[str]) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._process, self._queues = name, queues
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
            values = {"queues": self._queues, "at": timezone.now()}
            Heartbeat.objects.update_or_create(name=self._process, defaults=values)
            for duty in _duties:
                duty()
        except Exception as error:  # a thread that ends would be taken for a process that did
            if not self._failed:
                logger.warning("no heartbeat: %s", error, exc_info=error)
            self._failed = True
        else:
            self._failed = False

    def end(self) -> None:
        """Of a process that ends in order."""
        self._ended.set()
        try:
            Heartbeat.objects.filter(name=self._process).delete()
            connection.close()
        except Exception as error:
            logger.warning("the heartbeat stays: %s", type(error).__name__)


def processes() -> dict[str, Health]:
    """Each process that has reported, and whether it still does."""
    rows, live = _rows()
    served = _served(live)
    found = {}
    for row in rows:
        if row in live:
            found[row.name] = Health(True, "alive")
        else:
            others = bool(row.queues) and served.issuperset(row.queues)
            found[row.name] = Health(others, SILENT, degraded=others)
    if not any(row.name.startswith("beat@") for row in rows):
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
    start(f"beat@{gethostname()}", [])
    atexit.register(_running[0].end)


def _forget() -> int:
    return retention.delete_in_chunks(Heartbeat.objects.filter(at__lt=timezone.now() - FORGOTTEN))


health.register("process", processes, needs_database=True)
health.register("queue", queues, needs_database=True)
retention.register("heartbeats", _forget)
