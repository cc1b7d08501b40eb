"""A transaction pooler before PostgreSQL is found by what it does."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.db import connection

from orbit.db.pooler import shares_sessions
from reconciler import checks


class Backend:
    """A connection that the process `pid` serves."""

    def __init__(self, pid: int) -> None:
        self.pid, self.is_open = pid, True

    @contextmanager
    def cursor(self):
        yield self

    def execute(self, statement: str) -> None:
        assert statement == "SELECT pg_backend_pid()"

    def fetchone(self) -> tuple[int]:
        return (self.pid,)

    def close(self) -> None:
        self.is_open = False


@pytest.mark.parametrize(
    ("pids", "shared"), [([1, 2, 3], False), ([1, 1, 1], True), ([1, 2, 1], True)]
)
def test_connections_at_the_same_time_that_one_process_serves_are_pooled(pids, shared):
    opened = [Backend(pid) for pid in pids]
    given = iter(opened)

    assert shares_sessions(lambda: next(given)) is shared
    assert not any(each.is_open for each in opened)


@pytest.mark.parametrize(("shared", "ids"), [(True, ["reconciler.E003"]), (False, [])])
def test_check_says_so(monkeypatch, shared, ids):
    server = SimpleNamespace(vendor="postgresql", copy=None)
    monkeypatch.setattr(checks, "connection", server)
    monkeypatch.setattr(checks, "shares_sessions", lambda connect: shared)

    assert [error.id for error in checks.locks_have_sessions(None, ["default"])] == ids


@pytest.mark.stack
@pytest.mark.django_db(transaction=True)
def test_postgresql_itself_gives_each_connection_a_session():
    assert not shares_sessions(connection.copy)
