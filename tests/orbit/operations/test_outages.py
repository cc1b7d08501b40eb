"""Which failures pass, and what is said of them."""

from __future__ import annotations

import errno
import sqlite3

import psycopg
import pytest
from django.db import IntegrityError, OperationalError, connection

from orbit.operations import outages


def because(cause: BaseException | None, kind: type[Exception] = OperationalError) -> Exception:
    error = kind("postgresql://orbit:s3cret@db/orbit")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("cause", "passes"),
    [
        (psycopg.OperationalError("server closed the connection unexpectedly"), True),
        (psycopg.errors.DeadlockDetected(), True),
        (psycopg.errors.NumericValueOutOfRange(), False),
        (sqlite3.OperationalError(), False),
        (OSError("a file"), False),
        (None, False),
    ],
)
def test_only_what_the_server_is_to_blame_for_passes(cause, passes) -> None:
    assert outages.is_passing(because(cause)) is passes
    assert not outages.is_passing(because(cause, IntegrityError))


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (TimeoutError(errno.ETIMEDOUT, "Connection timed out"), "no answer"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "no route to host"),
        (psycopg.OperationalError("FATAL: sorry, too many clients"), "it has too many clients"),
        (psycopg.OperationalError("secret words"), "OperationalError"),
        (None, "OperationalError"),
    ],
)
def test_why_is_said_in_words_without_secrets(cause, words) -> None:
    assert outages.why(because(cause)) == words


def test_the_database_is_told_by_its_place() -> None:
    name, place = outages.database()

    assert name == {"postgresql": "PostgreSQL", "sqlite": "SQLite"}[connection.vendor]
    assert str(connection.settings_dict["PORT"] or connection.settings_dict["NAME"]) in place
