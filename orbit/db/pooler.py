"""Finds a transaction pooler (PgBouncer) between us and PostgreSQL.

Locks of a session (`reconciler/lock.py`) mean nothing behind one: each statement may be another
session's, so two passes could hold one lock, and a lock outlive its holder.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

_CONNECTIONS = 3


def shares_sessions(connect: Callable[[], Any]) -> bool:
    """Whether connections that are open at the same time are served by one backend process.

    `connect` gives a new connection of Django, in autocommit. A pooler gives an idle backend to
    whoever comes next; without one each connection has its own.
    """
    with ExitStack() as stack:
        pids = set()
        for _ in range(_CONNECTIONS):
            connection = connect()
            stack.callback(connection.close)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.add(cursor.fetchone()[0])
        return len(pids) < _CONNECTIONS
