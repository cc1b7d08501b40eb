"""Measures work in this process: CPU of Python and PostgreSQL, statements, trips to Redis."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper
from redis.connection import AbstractConnection

from orbit.db import quick_statements


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
        with pytest.MonkeyPatch.context() as patch:
            # No wrapper of Django's: with one, all statements take the way of cursors.
            patch.setattr(CursorWrapper, "execute", self._counted(CursorWrapper.execute))
            patch.setattr(quick_statements, "run", self._counted(quick_statements.run, quick=True))
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

    def _counted(self, run: Callable, *, quick: bool = False) -> Callable:
        """`quick`: a None is no statement, but one that a cursor will run."""

        def counted(*asked: Any) -> Any:
            answer = run(*asked)
            self.statements += answer is not None or not quick
            return answer

        return counted

    def _trip(self, send: Callable) -> Callable:
        def counted(connection: AbstractConnection, *args: Any, **kwargs: Any) -> Any:
            self.trips += 1
            return send(connection, *args, **kwargs)

        return counted
