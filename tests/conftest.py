"""Fixtures of every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db.backends.sqlite3.base import DatabaseOperations
from django.test import override_settings

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


@pytest.fixture(scope="session", autouse=True)
def _static_files_as_they_are() -> Iterator[None]:
    """Pages that are drawn in tests need no `collectstatic` before."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": {"BACKEND": backend}}):
        yield
