"""Fixtures of every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db.backends.sqlite3.base import DatabaseOperations

from orbit.accounts.append_only import ARM, DISARM

pytest_plugins = ["tests.fixtures.smsc"]


@pytest.fixture(scope="session", autouse=True)
def _tests_may_empty_the_audit() -> Iterator[None]:
    """Between tests with `transaction=True` SQLite's tables are emptied by DELETE, row by row."""
    patch = pytest.MonkeyPatch()
    execute = DatabaseOperations.execute_sql_flush

    def flush(self: DatabaseOperations, sql_list: list[str]) -> None:
        execute(self, [*DISARM["sqlite"], *sql_list, *ARM["sqlite"]])

    patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
    yield
    patch.undo()
