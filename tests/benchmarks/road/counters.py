"""Counts the statements and commands that PostgreSQL and Redis get from all processes.

PostgreSQL counts by its module `pg_stat_statements`, which has to be loaded at its start.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import redis
from django.db import connection, connections

from orbit.dev.stack import Stack

MARK = "of_the_bench"  # in every statement of the benchmark itself, which is not counted
_CONTROL = re.compile(r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|SHOW)\b", re.IGNORECASE)
_CHECK = re.compile(r"SELECT \$\d+ FROM ONLY .* FOR KEY SHARE", re.DOTALL)
_ALL = f"""
    SELECT query, sum(calls), sum(total_exec_time) AS {MARK} FROM pg_stat_statements
    WHERE toplevel AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    GROUP BY query
"""


def load_statements(stack: Stack) -> bool:
    """Have PostgreSQL count from now on, by a restart; False where the module is not installed.

    Before other processes have connections.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_stat_statements'")
        if not cursor.fetchone():
            return False
        cursor.execute("SHOW shared_preload_libraries")
        if "pg_stat_statements" not in cursor.fetchone()[0]:
            cursor.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
            connections.close_all()
            stack._postgres.restart()
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    return True


@dataclass(frozen=True)
class Asked:
    """What was asked.

    `statements`: calls by their text; None where they are not counted. Apart from these are
    `control` (BEGIN, COMMIT) and `checks`: of foreign keys, which PostgreSQL makes by itself at a
    COMMIT, one for each row. `milliseconds`: of all of them, by text. `commands`: Redis's.
    """

    statements: Counter[str] | None
    milliseconds: Counter[str]
    control: int
    checks: int
    commands: int


class Counters:
    """What was asked since this was made."""

    def __init__(self, redis_url: str, *, has_statements: bool) -> None:
        self._redis_url, self._has_statements = redis_url, has_statements
        if has_statements:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT pg_stat_statements_reset() AS {MARK}")
        self._before = self._commands()

    def asked(self) -> Asked:
        commands = self._commands() - self._before
        statements, milliseconds, control, checks = Counter(), Counter(), 0, 0
        if not self._has_statements:
            return Asked(None, milliseconds, 0, 0, commands)
        with connection.cursor() as cursor:
            cursor.execute(_ALL)
            for text, calls, spent in cursor.fetchall():
                if MARK in text:
                    continue
                milliseconds[text] += spent
                if _CONTROL.match(text):
                    control += int(calls)
                elif _CHECK.match(text):
                    checks += int(calls)
                else:
                    statements[text] += int(calls)
        return Asked(statements, milliseconds, control, checks, commands)

    def _commands(self) -> int:
        with redis.Redis.from_url(self._redis_url) as client:
            return client.info("stats")["total_commands_processed"]
