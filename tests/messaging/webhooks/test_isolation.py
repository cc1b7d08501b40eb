"""Another organisation's id answers as one that never was, and rights are as in the table."""

from __future__ import annotations

import pytest

from orbit.ids import new_id
from tests.messaging.callers import refusal
from tests.messaging.carriers.test_isolation import shape
from tests.messaging.carriers.test_rights import READERS, WRITERS, assert_may
from tests.messaging.webhooks.conftest import BODY, OPEN, Api, OwnSecret, audit_rows, emit, stored

READ, WRITE = "webhooks:read", "webhooks:write"
WHOLE = BODY | {"url": OPEN}
ROUTES = [
    ("GET", "", None),
    ("GET", "/deliveries", None),
    ("PUT", "", WHOLE),
    ("PUT", "", {"url": "bad"}),
    ("DELETE", "", None),
    ("POST", "/test", None),
    ("POST", "/rotate-secret", {"grace_hours": 0}),
    ("POST", "/deliveries/{delivery}/redeliver", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_it_answers_as_if_it_did_not_exist(api, stranger, organization, method, path, body):
    hook = api.add()
    emit(organization)
    path = path.format(delivery=api.deliveries(hook["id"])[0]["id"])
    before = stored(hook["id"]).__dict__ | {"_state": None}

    theirs = stranger.call(method, f"/{hook['id']}{path}", body)
    nobodys = stranger.call(method, f"/{new_id('wh')}{path}", body)

    assert shape(theirs) == shape(nobodys)
    assert theirs.status_code == 404
    assert stored(hook["id"]).__dict__ | {"_state": None} == before
    assert [row.action for row in audit_rows()] == ["webhook.created"]


@pytest.mark.parametrize("webhook_id", ["x", "wh_", "wh_" + "0" * 40, "wh_%00", "%F0%9F", "*"])
def test_what_is_no_id_is_not_found(api, webhook_id):
    refusal(api.get(f"/{webhook_id}"), 404, "NOT_FOUND")


@pytest.mark.parametrize("role", sorted(READERS))
def test_what_a_role_may_do(api, organization, role):
    hook = api.add()
    emit(organization)
    path = f"/{hook['id']}"
    again = f"{path}/deliveries/{api.deliveries(hook['id'])[0]['id']}/redeliver"
    caller, own = Api(organization, role=role), OwnSecret(organization, role=role)
    reads, writes = role in READERS, role in WRITERS

    for answer in (caller.get(), caller.get(path), caller.get(f"{path}/deliveries"), own.get()):
        assert_may(answer, reads, 200, READ)
    assert_may(caller.post("", WHOLE), writes, 201, WRITE)
    assert_may(caller.put(path, WHOLE), writes, 200, WRITE)
    assert_may(caller.post(f"{path}/test"), writes, 202, WRITE)
    assert_may(caller.post(again), writes, 202, WRITE)
    assert_may(caller.post(f"{path}/rotate-secret"), writes, 200, WRITE)
    assert_may(own.post("/rotate"), writes, 200, WRITE)
    assert_may(caller.delete(path), writes, 204, WRITE)


@pytest.mark.parametrize("scope", ["messages:write", "credentials:write", READ])
def test_other_scopes_write_nothing_here(api, organization, scope):
    caller = Api(organization, scopes=[scope])
    assert_may(caller.post("", WHOLE), False, 201, WRITE)
    assert_may(OwnSecret(organization, scopes=[scope]).post("/rotate"), False, 200, WRITE)
