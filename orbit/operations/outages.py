"""Whether the database or Redis is away, and why, in words without secrets."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from urllib.parse import urlsplit

import django.db
import psycopg
from django.conf import settings
from django.db import connection

RETRY_AFTER = "5"  # seconds: the header of every answer while the database is away
# libpq has no codes for these. Part of its message (or of PostgreSQL's first answer) → our words.
_SEEN = (
    ("Connection refused", "connection refused"),
    ("timeout expired", "no answer"),
    ("starting up", "it is starting"),
    ("shutting down", "it is shutting down"),
    ("recovery mode", "it is recovering"),
    ("too many clients", "it has too many clients"),
    ("authentication failed", "it refuses our user or password"),
    ("closed the connection", "it closed the connection"),
    ("terminating connection", "it closed the connection"),
    ("connection is lost", "it closed the connection"),
    ("connection is closed", "it closed the connection"),
    ("could not translate host name", "its name does not resolve"),
    ("resolve host", "its name does not resolve"),
)
# SQLSTATE classes of a server that takes no statement: connection, shutdown, too many clients.
_AWAY = ("08", "57P", "53300")
# Also those that pass: a deadlock, no room or memory, a lock, a statement's timeout.
_PASSING = (*_AWAY, "40", "53", "55P03", "57014")
_PASSING_SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)


def is_database_away(error: BaseException) -> bool:
    """Whether the error is the server's rather than the statement's."""
    if not isinstance(error, django.db.OperationalError | django.db.InterfaceError):
        return False
    cause = error.__cause__
    if not isinstance(cause, psycopg.Error):
        return False
    return cause.sqlstate is None or cause.sqlstate.startswith(_AWAY)


def is_passing(error: BaseException) -> bool:
    """Whether the same statement may succeed later: its values are not the fault."""
    if not isinstance(error, django.db.OperationalError | django.db.InterfaceError):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _PASSING_SQLITE
    if not isinstance(cause, psycopg.Error):
        return False
    return cause.sqlstate is None or cause.sqlstate.startswith(_PASSING)


def why(error: BaseException) -> str:
    """`connection refused`, `no answer`, …; else the name of the exception, never its text."""
    for each in _chain(error):
        if isinstance(each, TimeoutError):
            return "no answer"
        if isinstance(each, OSError) and each.strerror:
            return each.strerror.lower()
        for part, words in _SEEN:
            if part in str(each):
                return words
    return type(error).__name__


def database() -> tuple[str, str]:
    """The database's product name, and its `HOST:PORT` or file."""
    if connection.vendor != "postgresql":
        return "SQLite", str(connection.settings_dict["NAME"])
    where = connection.settings_dict
    return "PostgreSQL", f"{where['HOST'] or 'localhost'}:{where['PORT'] or 5432}"


def redis() -> tuple[str, str]:
    """The product name, and `HOST:PORT`, of the Redis that is broker and cache."""
    address = urlsplit(settings.REDIS_URL)
    return "Redis", f"{address.hostname or 'localhost'}:{address.port or 6379}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
