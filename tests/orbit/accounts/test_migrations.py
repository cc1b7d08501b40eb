"""Migrations that move rows keep them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps
from django.utils import timezone
from pytest_django import DjangoDbBlocker

BEFORE, AFTER = ("accounts", "0012_retention_of_organisation"), ("accounts", "0013_passkeys")


@pytest.fixture
def _new_database(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path
) -> Iterator[None]:
    """Django uses one without tables: to migrate that of the tests back would undo, and do again,
    nearly all that came later."""
    ours = connections["default"]
    new = ours.copy()
    name = new.settings_dict["NAME"] = f"{ours.settings_dict['NAME']}_new"
    with django_db_blocker.unblock():
        if ours.vendor == "sqlite":
            new.settings_dict["NAME"] = str(tmp_path / "new.sqlite3")
        else:
            _of_the_server(ours, f'CREATE DATABASE "{name}"')
        connections["default"] = new
        try:
            yield
        finally:
            connections["default"] = ours
            new.close()
            if ours.vendor != "sqlite":
                _of_the_server(ours, f'DROP DATABASE "{name}"')


def _of_the_server(ours: BaseDatabaseWrapper, statement: str) -> None:
    with ours._nodb_cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def before(_new_database: None) -> StateApps:
    """The apps as they were before passkeys."""
    return migrate(BEFORE)


def migrate(target: tuple[str, str]) -> StateApps:
    executor = MigrationExecutor(connection)
    executor.migrate([target])
    return MigrationExecutor(connection).loader.project_state([target]).apps


@pytest.mark.sqlite
def test_recovery_codes_stay_with_the_person_of_their_app(before):
    people, codes = before.get_model("accounts", "User"), ("left", "used")
    for email in ("ada@example.com", "bob@example.com"):
        user = people.objects.create(email=email)
        app = before.get_model("accounts", "Authenticator").objects.create(
            user=user, name="app", secret="JBSWY3DPEHPK3PXP"
        )
        for code in codes:
            used_at = timezone.now() if code == "used" else None
            app.recovery_codes.create(code_hash=f"{code} of {email}", used_at=used_at)

    after = migrate(AFTER)

    kept = after.get_model("accounts", "RecoveryCode").objects.select_related("user")
    assert {row.code_hash: row.user.email for row in kept} == {
        f"{code} of {email}": email
        for email in ("ada@example.com", "bob@example.com")
        for code in codes
    }
    assert kept.filter(used_at=None, confirmed=True).count() == 2
