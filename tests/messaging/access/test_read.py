from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging import gateway
from messaging.access.models import Access
from messaging.access.representation import represent
from messaging.access.selectors import find
from tests.messaging.access.conftest import ADDRESS, audit_rows, stored
from tests.messaging.callers import data, refusal
from tests.openapi import check_answer

MOMENT = datetime(2026, 3, 8, 12, 0, 0, 999_999, tzinfo=UTC)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def test_it_is_off_until_somebody_turns_it_on(api, organization, addresses):
    addresses[organization.id] = ADDRESS
    answer = data(api.get())

    times = [answer.pop("created_at"), answer.pop("updated_at"), answer["password"].pop("set_at")]
    assert all(TIME.fullmatch(moment) for moment in times)
    assert answer == {
        "enabled": False,
        "host": "smpp.gateway.example",
        "port": 2775,
        "system_id": organization.gateway_key,
        "max_bindings": 2,
        "throughput": None,
        "allowed_ips": [],
        "tls": False,
        "password": {"revealable": True, "revealed_at": None},
        "sync": {"state": "pending", "error": None, "synced_at": None},
        "bound_sessions": 0,
        "submits_total": 0,
    }


def test_it_is_made_once(api, organization):
    first = api.get()
    password = stored(organization).password
    again = api.get()

    assert re.fullmatch(r"[A-Za-z0-9]{8}", password)
    assert again["ETag"] == first["ETag"]
    assert again.json()["data"] == first.json()["data"]
    assert Access.objects.count() == 1
    assert stored(organization).password == password
    assert audit_rows() == []


def test_passwords_are_ciphertext_in_the_database(api, organization):
    api.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT password FROM messaging_access")
        [[value]] = cursor.fetchall()
    assert bytes(value).startswith(b"gAAAAA")


def test_reading_it_does_not_even_read_the_password(api):
    api.get()
    with CaptureQueriesContext(connection) as queries:
        api.get()
    selects = [query["sql"] for query in queries if 'FROM "messaging_access"' in query["sql"]]
    assert len(selects) == 1
    assert '"messaging_access"."password"' not in selects[0]


def test_what_the_gateway_was_seen_to_do(api, organization):
    before = api.get()["ETag"]
    Access.objects.update(
        sync_state="error", sync_error="no such group", synced_at=MOMENT, bound_sessions=3
    )
    answer = api.get()
    assert answer.json()["data"]["sync"] == {
        "state": "error",
        "error": "no such group",
        "synced_at": "2026-03-08T12:00:00Z",
    }
    assert answer.json()["data"]["bound_sessions"] == 3
    assert answer["ETag"] == before


@pytest.mark.parametrize("known", [True, False], ids=["gateway without address", "no gateway"])
def test_an_address_that_nobody_knows_is_null(api, addresses, monkeypatch, known):
    if not known:
        monkeypatch.setattr(gateway, "_implementation", None)
    answer = data(api.get())
    assert (answer["host"], answer["port"]) == (None, None)


def test_every_organisation_has_its_own(api, stranger, addresses):
    addresses[api.organization.id] = ADDRESS
    mine, theirs = data(api.get()), data(stranger.get())
    assert mine["system_id"] != theirs["system_id"]
    assert theirs["host"] is None
    api.change(enabled=True, max_bindings=9)
    assert data(stranger.get()) == theirs
    passwords = {stored(caller.organization).password for caller in (api, stranger)}
    assert len(passwords) == 2


def test_it_takes_no_parameters(api):
    assert refusal(api.get("?q=x"), 422, "VALIDATION_ERROR")["details"]["field"] == "q"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("", "GET, PATCH, HEAD, OPTIONS"), ("/reveal", "GET, OPTIONS"), ("/rotate", "POST, OPTIONS")],
)
def test_other_methods_are_refused(api, path, allowed):
    for method in {"POST", "PUT", "PATCH", "DELETE", "GET"} - set(allowed.split(", ")):
        assert api.call(method, path).status_code == 405
    assert api.call("OPTIONS", path)["Allow"] == allowed


def test_openapi_describes_what_is_answered(organization):
    check_answer("Access", represent(find(organization)))
