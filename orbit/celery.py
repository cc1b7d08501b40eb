"""The Celery app; it finds tasks in each app's `tasks.py`."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from celery.signals import beat_init, worker_init, worker_process_init, worker_ready
from django.core.exceptions import ImproperlyConfigured
from kombu import Connection

from orbit.operations import garbage_collection, start_checks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orbit.settings")

LONGEST_PAUSE = 4  # seconds between two tries of a broker that is away


class BrokerConnection(Connection):
    """A worker's connection to Redis, without two faults of kombu 5.7.

    - It reconnects within LONGEST_PAUSE: kombu's own tries are up to half a minute apart, and no
      setting changes that.
    - A worker that holds tasks for later survives when the broker goes away. To return them kombu
      uses a connection that `collect` has just taken apart; the AttributeError would end the
      worker. Redis has the tasks all the same.
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
def _freeze(**_: object) -> None:
    """In each process of a pool, and in a worker that has none."""
    garbage_collection.freeze()


@worker_init.connect(weak=False)
@beat_init.connect(weak=False)
def _refuse_senseless_settings(**_: object) -> None:
    """SystemExit, since Celery logs any other exception of a receiver and goes on."""
    try:
        start_checks.refuse_senseless_settings()
    except ImproperlyConfigured as error:
        raise SystemExit(f"settings: {error}") from None
