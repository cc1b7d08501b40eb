"""What is answered while the database is away."""

from __future__ import annotations

import django.db
import psycopg
import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import errors

from orbit.operations import outages

pytestmark = pytest.mark.django_db


def raised(cause: Exception, kind: type[Exception] = django.db.OperationalError) -> Exception:
    """As Django raises what psycopg has raised."""
    error = kind(str(cause))
    error.__cause__ = cause
    return error


REFUSED = "connection failed: connection to server at 'db', port 5432 failed: Connection refused"


@pytest.fixture
def away(monkeypatch, client):
    """The server refuses connections; the client shows what people would see."""
    client.raise_request_exception = False

    def refuse(self, *args, **options):
        raise raised(psycopg.OperationalError(REFUSED))

    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", refuse)


@pytest.mark.parametrize("path", ["/v1/me", "/v1/messaging/smpp/credentials", "/v1/nothing"])
def test_the_api_says_when_to_try_again(client, away, path):
    answer = client.get(path, headers={"X-API-Key": "dv_live_sk_" + "a" * 48})

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert answer.json()["error"]["code"] == "SERVICE_UNAVAILABLE"
    assert "5432" not in answer.text


def test_pages_say_what_is_away(client, away):
    client.cookies["sessionid"] = "a" * 32
    console = client.get("/admin/")

    assert console.status_code == 503
    assert console["Retry-After"] == "5"
    assert "connection refused" in console.text
    assert "5432" not in console.text


def test_a_report_that_can_not_be_kept_is_brought_again(client, away):
    token = "0" * 32
    answer = client.post(f"/dlr/{token}", {"level": "1", "message_status": "ESME_ROK", "id": "1"})

    assert answer.status_code == 503


@pytest.mark.parametrize(
    ("cause", "is_away"),
    [
        (psycopg.OperationalError(REFUSED), True),
        (errors.AdminShutdown("terminating connection"), True),
        (errors.CannotConnectNow("the database system is starting up"), True),
        (errors.DeadlockDetected("deadlock detected"), False),
        (errors.DiskFull("no space left"), False),
    ],
)
def test_a_statement_that_fails_is_no_server_that_is_away(cause, is_away):
    assert outages.is_database_away(raised(cause)) is is_away


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (psycopg.OperationalError(REFUSED), "connection refused"),
        (psycopg.OperationalError("connection timeout expired"), "no answer"),
        (errors.CannotConnectNow("the database system is starting up"), "it is starting"),
        (psycopg.OperationalError("password s3cret of orbit is wrong"), "OperationalError"),
    ],
)
def test_what_is_seen_is_said_in_words_without_secrets(cause, words):
    assert outages.why(raised(cause)) == words
