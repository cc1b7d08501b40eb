"""Fixtures of every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseOperations
from django.test import override_settings
from hypothesis import settings as property_tests

from orbit.accounts.append_only import ARM, DISARM

property_tests.register_profile("untimed", deadline=None)  # a busy machine is no failure
property_tests.load_profile("untimed")

pytest_plugins = ["tests.fixtures.site", "tests.fixtures.smsc"]


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
def _quick_settings() -> Iterator[None]:
    """Pages that are drawn need no `collectstatic` before, and passwords cost no time."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    with override_settings(
        STORAGES={**settings.STORAGES, "staticfiles": {"BACKEND": backend}},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """SQLite in a file, as in production: in memory, threads would share one database's locks."""
    if connection.vendor == "sqlite":
        name = str(settings.STATE_DIR / "test.sqlite3")
        connection.settings_dict["TEST"]["NAME"] = name
