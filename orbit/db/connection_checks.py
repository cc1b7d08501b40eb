"""Database connections that are kept from one request to the next.

Django asks each one whether it still lives before a request's first statement
(CONN_HEALTH_CHECKS). One that has just answered is not asked: under load that is a trip less for
each request, and a database that went away meanwhile is told as 503 like one that goes away during
a request.
"""

from __future__ import annotations

import time
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import connections

_JUST = 1.0  # seconds


def _note(**sent: Any) -> None:
    """Django has closed the connection by now if a statement of the request failed with it."""
    now = time.monotonic()
    for connection in connections.all(initialized_only=True):
        connection.answered_at = now if connection.connection is not None else 0.0


def _spare(**sent: Any) -> None:
    """Runs after Django's own receiver, which asks for the check."""
    now = time.monotonic()
    for connection in connections.all(initialized_only=True):
        if now - getattr(connection, "answered_at", 0.0) < _JUST:
            connection.health_check_done = True


request_finished.connect(_note)
request_started.connect(_spare)
