"""Operations of migrations on indexes."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.migrations.state import ProjectState

from orbit.accounts.models import AuditEvent
from orbit.db.index_operations import AddIndex, RemoveIndex

TABLE, NAME = AuditEvent._meta.db_table, "index_of_a_test"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def names() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, TABLE))


def run(operation, before: ProjectState, way: str) -> ProjectState:
    after = before.clone()
    operation.state_forwards("accounts", after)
    with connection.schema_editor(atomic=False) as editor:
        states = (before, after) if way == "database_forwards" else (after, before)
        getattr(operation, way)("accounts", editor, *states)
    return after


def test_an_index_is_made_and_removed_and_both_are_undone():
    start = ProjectState.from_apps(apps)
    adding = AddIndex("auditevent", models.Index(fields=["detail"], name=NAME))
    with_it = run(adding, start, "database_forwards")
    assert NAME in names()
    removing = RemoveIndex("auditevent", NAME)
    run(removing, with_it, "database_forwards")
    assert NAME not in names()
    run(removing, with_it, "database_backwards")
    assert NAME in names()
    run(adding, start, "database_backwards")
    assert NAME not in names()


def test_what_was_broken_off_is_made_again():
    if connection.vendor != "postgresql":
        return
    start = ProjectState.from_apps(apps)
    adding = AddIndex("auditevent", models.Index(fields=["detail"], name=NAME))
    for _ in range(2):
        run(adding, start, "database_forwards")
    assert NAME in names()
    run(adding, start, "database_backwards")


@pytest.mark.parametrize(
    "table",
    [
        TABLE,
        "messaging_message",
        "messaging_event",
        "messaging_inboundmessage",
        "messaging_optout",
        "reconciler_run",
    ],
)
def test_large_tables_have_no_second_index_for_like(table):
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
    assert not [name for name in found if name.endswith("_like")]
