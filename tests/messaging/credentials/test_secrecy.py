"""No password appears in answers, logs or errors, over a whole lifecycle."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.core import serializers
from django.db import connection, connections
from django.http import HttpResponse

from messaging.credentials import permissions, reveal, rotation, views
from messaging.credentials.models import Credential
from orbit.accounts.models import AuditEvent
from tests.messaging.credentials.conftest import Api, stored

FIRST, WRONG, SECOND = "Fi,r5t_x", "Wr0ng_;x", "5ec0nd#x"


class Recorder:
    """Calls the API and keeps everything that came back, but what reveal is for."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.answers: list[str] = []
        self.revealed: list[str] = []

    def call(self, method: str, path: str = "", body: Any = None, **headers: str) -> HttpResponse:
        answer = self.api.call(method, path, body, **headers)
        text = f"{answer.headers} {answer.content.decode()}"
        if path.endswith("/reveal") and answer.status_code == 200:
            self.revealed.append(answer.json()["data"]["password"])
        else:
            self.answers.append(text)
        return answer


@pytest.fixture
def lifecycle(api, smsc, caplog, monkeypatch) -> tuple[Recorder, set[str]]:
    """What was answered and every secret that was involved; logs are at DEBUG all the time."""
    for logger in ("", "django"):
        caplog.set_level(logging.DEBUG, logger=logger)
    monkeypatch.setattr(connections["default"], "force_debug_cursor", True)  # logs SQL as well
    carrier = smsc.add_system("acme", SECOND)
    http = Recorder(api)
    account = {"host": "127.0.0.1", "port": smsc.port, "system_id": "acme", "password": FIRST}
    created = http.call("POST", "", account, Idempotency_Key="1")
    one = f"/{created.json()['data']['id']}"
    secrets = {FIRST, WRONG, SECOND, stored(one[1:]).gateway_password}
    http.call("POST", "", account, Idempotency_Key="1")
    http.call("POST", "", account | {"password": WRONG}, Idempotency_Key="1")
    http.call("POST", "", account, Idempotency_Key="2")
    http.call("POST", "", account | {"port": 0})
    http.call("POST", "", account | {"password": FIRST + "\n"})
    http.call("POST", "", account | {"pasword": FIRST})
    http.call("POST", "", account | {"password": [FIRST]})
    http.call("POST", "", account | {"password": {FIRST: FIRST}})
    http.call("GET")
    http.call("GET", one)
    http.call("PATCH", one, {"password": WRONG})
    http.call("PATCH", one, {"window": 3, "current_password": FIRST}, Idempotency_Key="3")
    writer = Recorder(Api(api.organization, scopes=["credentials:write"]))
    writer.call("PATCH", one, {"port": 1, "current_password": WRONG}, Idempotency_Key="4")
    writer.call("PATCH", one, {"port": 1, "current_password": WRONG * 100})
    http.answers += writer.answers
    http.call("GET", f"{one}/reveal")
    http.call("GET", f"{one}/reveal")
    http.call("POST", f"{one}/rotate", {"password": WRONG}, Idempotency_Key="5")
    http.call("POST", f"{one}/rotate", {"password": FIRST + SECOND + WRONG})
    http.call("POST", f"{one}/rotate", {"password": SECOND, "activate": True})
    http.call("POST", f"{one}/rotate", {"password": SECOND}, Idempotency_Key="6")
    http.call("POST", f"{one}/rotate", {"password": SECOND}, Idempotency_Key="6")
    http.call("POST", f"{one}/rotate", {}, Idempotency_Key="7")
    secrets.add(stored(one[1:]).staged_password)
    http.call("GET", f"{one}/reveal")
    http.call("POST", f"{one}/rotate", {"activate": True}, Idempotency_Key="8")
    carrier.password = stored(one[1:]).staged_password
    http.call("POST", f"{one}/rotate", {"activate": True}, Idempotency_Key="9")
    http.call("DELETE", one)
    smsc.stop()
    return http, secrets


def assert_free_of(secrets: set[str], text: str) -> None:
    """Neither as they are nor as JSON writes them."""
    for secret in secrets:
        assert secret not in text
        assert json.dumps(secret)[1:-1] not in text


def test_the_lifecycle_went_as_meant(lifecycle):
    http, secrets = lifecycle
    assert len(secrets) == 5
    assert http.revealed[0] == FIRST
    assert len(http.revealed) == 2
    bodies = "".join(http.answers)
    for code in (
        "DUPLICATE_CREDENTIAL",
        "IDEMPOTENCY_KEY_REUSED",
        "BIND_VERIFICATION_FAILED",
        "INSUFFICIENT_PERMISSIONS",
        "SECRET_ALREADY_REVEALED",
        '"result":"bound"',
    ):
        assert code in bodies
    assert "INTERNAL_ERROR" not in bodies


def test_no_answer_holds_a_password(lifecycle):
    http, secrets = lifecycle
    for answer in http.answers:
        assert_free_of(secrets, answer)


def test_no_log_line_holds_one_even_at_debug(lifecycle, caplog):
    _, secrets = lifecycle
    records = caplog.get_records("setup")
    assert {"django.db.backends", "orbit.api.middleware"} <= {record.name for record in records}
    for record in records:
        assert_free_of(secrets, f"{record.getMessage()} {record.exc_text} {record.__dict__}")


def test_no_audit_row_holds_one(lifecycle):
    _, secrets = lifecycle
    rows = AuditEvent.objects.all()
    assert rows.count() > 10
    assert_free_of(secrets, serializers.serialize("json", rows))


def test_no_table_holds_one_in_clear(lifecycle):
    """Idempotency rows, audit, credentials: whatever the database has, as bytes."""
    _, secrets = lifecycle
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                kept = [bytes(cell) if isinstance(cell, memoryview) else cell for cell in row]
                assert_free_of(secrets, repr(kept))


def test_no_repr_shows_one(api):
    credential = stored(api.add(password=FIRST))
    values = (
        credential,
        Credential.objects.all(),
        permissions.PasswordProof(may_reveal=False, current_password=FIRST),
        views.Patch({}, FIRST),
        rotation.RotationRequest("switch", password=FIRST),
        rotation.PreparedRotation(rotation.RotationRequest("switch", password=FIRST), 1, None),
        reveal.Revealed(FIRST, credential.created_at, staged=False),
    )
    for value in values:
        assert FIRST not in f"{value!r} {value}"
