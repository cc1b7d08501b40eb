"""Migrations that move rows keep them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

BEFORE, AFTER = ("accounts", "0012_retention_of_organisation"), ("accounts", "0013_passkeys")


@pytest.fixture
def before(transactional_db) -> Iterator:
    """The apps as they were before passkeys."""
    yield migrate(BEFORE)
    MigrationExecutor(connection).migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())


def migrate(target: tuple[str, str]):
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
