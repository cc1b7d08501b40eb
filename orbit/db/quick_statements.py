"""Statements of every request, prepared once a connection and sent straight through libpq.

Django's cursor around psycopg's takes several times the CPU of what libpq does for a statement of
one row (docs/adr/0058). What these two are for beyond that is left to them: transactions, wrappers,
logged queries, and every error.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import connections
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

_PLACE = re.compile("%(s|%)")
_numbers = itertools.count(1)  # never the same name again on a connection
_names: WeakKeyDictionary[psycopg.Connection, dict[tuple, bytes]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Answer:
    """`rows` of a query, as psycopg reads them; `count` of those that were read or written."""

    rows: list[tuple]
    count: int


def execute(statement: str, values: Sequence[Any]) -> Answer:
    """The answer to a statement with a `%s` for each value, by the short way or a cursor."""
    answer = run(statement, values)
    if answer is not None:
        return answer
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, values)
        return Answer(cursor.fetchall() if cursor.description else [], cursor.rowcount)


def run(statement: str, values: Sequence[Any]) -> Answer | None:
    """The answer by the short way.

    None where it has to be a cursor: on SQLite, in a transaction, and after any failure,
    since the cursor says what is wrong. A statement that failed has changed nothing, and one whose
    connection broke is not sent again: a cursor refuses that connection.
    """
    connection = connections["default"]
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return None
    if connection.execute_wrappers or connection.queries_logged:
        return None
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    if not connection.autocommit:
        return None
    transformer = Transformer(connection.connection)
    try:
        result = _result(connection.connection, statement, values, transformer)
    except psycopg.Error:
        return None
    if result.status == ExecStatus.COMMAND_OK:
        return Answer([], result.command_tuples or 0)
    if result.status != ExecStatus.TUPLES_OK:
        return None
    transformer.set_pgresult(result)
    rows = transformer.load_rows(0, result.ntuples, tuple)
    return Answer(rows, len(rows))


def _result(
    connection: psycopg.Connection,
    statement: str,
    values: Sequence[Any],
    transformer: Transformer,
) -> PGresult:
    parameters = transformer.dump_sequence(values, [PyFormat.TEXT] * len(values))
    names, key = _names.setdefault(connection, {}), (statement, transformer.types)
    if key not in names:
        names[key] = _prepare(connection, *key)
    result = connection.pgconn.exec_prepared(names[key], parameters)
    if result.status == ExecStatus.FATAL_ERROR:
        del names[key]  # its plan may be of before a migration
    return result


def _prepare(connection: psycopg.Connection, statement: str, types: tuple[int, ...]) -> bytes:
    """The new statement's name."""
    name = f"orbit_{next(_numbers)}".encode()
    places = itertools.count(1)
    text = _PLACE.sub(lambda found: f"${next(places)}" if found[1] == "s" else "%", statement)
    result = connection.pgconn.prepare(name, text.encode(), types)
    if result.status != ExecStatus.COMMAND_OK:
        raise psycopg.OperationalError("the statement could not be prepared")
    return name
