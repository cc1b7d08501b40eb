"""Spares the health check of a database connection that has just answered.

Django checks each kept connection before a request's first statement (CONN_HEALTH_CHECKS). Under
load that is one more round trip for each request. A database that went away within the second that
the check is spared is answered with 503, like one that goes away during a request.
"""

from __future__ import annotations

import time
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import connections

_FRESH = 1.0  # seconds


def _note_answers(**sent: Any) -> None:
    """Django has closed the connection by now if a statement of the request failed with it."""
    now = time.monotonic()
    for connection in connections.all(initialized_only=True):
        connection.answered_at = now if connection.connection is not None else 0.0


def _skip_checks(**sent: Any) -> None:
    """Runs after Django's own receiver, which asks for the check."""
    now = time.monotonic()
    for connection in connections.all(initialized_only=True):
        if now - getattr(connection, "answered_at", 0.0) < _FRESH:
            connection.health_check_done = True


request_finished.connect(_note_answers)
request_started.connect(_skip_checks)
