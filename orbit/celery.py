"""The Celery app; tasks are found in each app's `tasks.py`."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from celery.signals import worker_process_init, worker_ready
from kombu import Connection

from orbit.operations import garbage_collection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orbit.settings")

LONGEST_PAUSE = 4  # seconds between two tries of a broker that is away


class BrokerConnection(Connection):
    """A worker's connection to Redis, without two faults of kombu 5.7.

    - A broker that is back is found soon: kombu's own tries are up to half a minute apart, and no
      setting changes that.
    - A worker that holds tasks for later outlives a broker that goes away. To give them back kombu
      asks a connection that `collect` has just taken apart for its address; the AttributeError ends
      the worker. Redis has the tasks all the same.
    """

    def ensure_connection(self, *args: Any, **options: Any) -> Connection:
        options.setdefault("interval_max", LONGEST_PAUSE)
        return super().ensure_connection(*args, **options)

    def maybe_close_channel(self, channel: Any) -> None:
        with contextlib.suppress(AttributeError):
            super().maybe_close_channel(channel)


class BrokerAccess(AMQP):
    Connection = BrokerConnection


app = Celery("orbit", amqp=BrokerAccess)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect(weak=False)
@worker_ready.connect(weak=False)
def _settle(**_: object) -> None:
    """In each process of a pool, and in a worker that has none."""
    garbage_collection.settle()
