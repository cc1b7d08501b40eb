"""Find a transaction pooler (PgBouncer) in front of PostgreSQL.

Session locks (`reconciler/lock.py`) mean nothing behind one, since each statement may run in
another session: two passes could hold one lock, and a lock could outlive its holder.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

_CONNECTIONS = 3


def shares_sessions(connect: Callable[[], Any]) -> bool:
    """Whether connections that are open at the same time share one backend process.

    `connect` gives a new Django connection in autocommit. A pooler lends an idle backend to the
    next client; without one each connection has its own.
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
