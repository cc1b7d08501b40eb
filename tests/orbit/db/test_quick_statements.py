"""Statements that go straight through libpq, and those that are left to a cursor."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from psycopg.types.json import Jsonb

from messaging import bulk
from messaging.carriers.models import Carrier
from orbit.accounts.models import Organization
from orbit.db import quick_statements
from orbit.db.prepared_queries import Prepared
from tests.factories import make_organization

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

_BY_NAME = Prepared(lambda name: Organization.objects.filter(name=name).values_list("id"))
_BACKEND = "SELECT pg_backend_pid()"


def run(*asked):
    answer = quick_statements.run(*asked)
    assert answer is not None, asked
    return answer


def end_backend():
    """As if PostgreSQL had gone away after the connection's last answer."""
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    with psycopg.connect(connection.connection.info.dsn, password=_password()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def _password():
    return connection.settings_dict["PASSWORD"]


@pytest.mark.parametrize(
    "value",
    [None, True, 7, "", "%s", "ü'\\", datetime(2026, 3, 8, 12, 0, 0, 5, tzinfo=UTC)],
)
def test_values_come_back_as_from_a_cursor(value):
    sql = "SELECT %s, '100%%', NULL"
    if value is None or isinstance(value, str):
        sql = sql.replace("%s", "%s::text", 1)
    with connection.cursor() as cursor:
        cursor.execute(sql, [value])
        assert run(sql, [value]).rows == cursor.fetchall()


def test_json_comes_back_as_djangos_cursor_reads_it():
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s", [Jsonb([1])])
        assert run("SELECT %s", [Jsonb([1])]).rows == cursor.fetchall()


def test_it_is_prepared_once_a_connection():
    for _ in range(3):
        run(_BACKEND, [])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement = %s", [_BACKEND]
        )
        assert cursor.fetchone() == (1,)
    connection.close()
    assert run(_BACKEND, []).count == 1


def test_types_of_values_may_differ_from_call_to_call():
    for value in (1, 2**40, 1):
        assert run("SELECT %s + 1", [value]).rows == [(value + 1,)]


def test_threads_have_statements_of_their_own():
    pids = {run(_BACKEND, []).rows[0]}

    def ask():
        pids.add(run(_BACKEND, []).rows[0])
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert len(pids) == 2


def test_in_a_transaction_it_is_a_cursors():
    with transaction.atomic():
        assert quick_statements.run(_BACKEND, []) is None
        make_organization(name="inside")
        assert _BY_NAME.first("inside")
    assert quick_statements.run(_BACKEND, [])


def test_who_counts_statements_counts_these(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert _BY_NAME.first("nobody") is None


@pytest.mark.parametrize("sql", ["SELECT 1 / 0", "SELECT nonsense", "SELECT %s::int"])
def test_a_failure_is_a_cursors_to_tell(sql):
    assert quick_statements.run(sql, ["x"] if "%s" in sql else []) is None
    assert run(_BACKEND, []).count == 1


def test_nul_is_a_cursors_to_refuse():
    with pytest.raises(DataError, match="NUL"):
        _BY_NAME.first("a\0")


def test_a_plan_from_before_a_migration_is_made_anew():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE changing (number smallint)")
        try:
            for kind in ("integer", "text"):
                assert run("SELECT * FROM changing", []).rows == []
                cursor.execute(f"ALTER TABLE changing ALTER number TYPE {kind}")
                assert quick_statements.run("SELECT * FROM changing", []) is None
            assert run("SELECT * FROM changing", []).rows == []
        finally:
            cursor.execute("DROP TABLE changing")


def test_what_a_constraint_refuses_at_the_commit_is_its_error():
    row = ("north", "org_of_nobody", "cred_of_nobody", ["FR"])
    with pytest.raises(IntegrityError, match="foreign key"):
        bulk.insert(Carrier, ("name", "organization_id", "credential_id", "countries"), [row])
    assert not Carrier.objects.exists()


def test_an_insert_on_a_broken_connection_is_an_error_and_not_sent_again():
    columns, row = ("id", "name"), ("org_1", "once")
    bulk.insert(Organization, columns, [row])
    Organization.objects.all().delete()
    end_backend()
    with pytest.raises(OperationalError):
        bulk.insert(Organization, columns, [row])
    connection.close()
    assert not Organization.objects.exists()
    assert bulk.insert(Organization, columns, [row]) == 1


def test_a_query_on_a_broken_connection_is_an_error():
    run(_BACKEND, [])
    end_backend()
    with pytest.raises(OperationalError):
        _BY_NAME.first("somebody")
    connection.close()
    assert _BY_NAME.first("somebody") is None
