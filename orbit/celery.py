"""The Celery app; tasks are found in each app's `tasks.py`."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from kombu import Connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orbit.settings")

LONGEST_PAUSE = 4  # seconds between two tries of a broker that is away


class BrokerConnection(Connection):
    """A broker that is back is found soon: Celery's own tries are up to half a minute apart, and
    no setting changes that."""

    def ensure_connection(self, *args: Any, **options: Any) -> Connection:
        options.setdefault("interval_max", LONGEST_PAUSE)
        return super().ensure_connection(*args, **options)


class BrokerAccess(AMQP):
    Connection = BrokerConnection


app = Celery("orbit", amqp=BrokerAccess)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
