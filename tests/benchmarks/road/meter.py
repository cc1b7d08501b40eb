"""Measures work in this process: CPU of Python and PostgreSQL, statements, trips to Redis."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest
from django.db import connection
from redis.connection import AbstractConnection


class Meter:
    """Sums over all that was `measured`. Seconds are of CPU: of this thread, and of its server
    process in PostgreSQL. A pipeline to Redis is one trip; BEGIN and COMMIT are no statements."""

    def __init__(self) -> None:
        self.python = self.postgres = 0.0
        self.statements = self.trips = self.calls = 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self._server = psutil.Process(cursor.fetchone()[0])

    @contextmanager
    def measured(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(self._count):
            patch.setattr(
                AbstractConnection,
                "send_packed_command",
                self._trip(AbstractConnection.send_packed_command),
            )
            server, python = self._server.cpu_times(), time.thread_time()
            yield
            self.python += time.thread_time() - python
            after = self._server.cpu_times()
        self.postgres += after.user + after.system - server.user - server.system
        self.calls += 1

    def _count(self, execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        self.statements += 1
        return execute(sql, params, many, context)

    def _trip(self, send: Callable) -> Callable:
        def counted(connection: AbstractConnection, *args: Any, **kwargs: Any) -> Any:
            self.trips += 1
            return send(connection, *args, **kwargs)

        return counted
