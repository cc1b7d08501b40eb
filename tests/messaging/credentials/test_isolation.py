"""Another organisation's id is answered like an unknown one, on every route."""

from __future__ import annotations

import pytest

from orbit.ids import new_id
from tests.messaging.credentials.conftest import audit_rows, stored

ROUTES = [
    ("GET", "/{}", None),
    ("PATCH", "/{}", {"name": "Mine now"}),
    ("PATCH", "/{}", {"port": "bad"}),
    ("PATCH", "/{}", {"host": "127.0.0.9", "current_password": "secret"}),
    ("DELETE", "/{}", None),
    ("GET", "/{}/reveal", None),
    ("HEAD", "/{}/reveal", None),
    ("POST", "/{}/rotate", {}),
    ("POST", "/{}/rotate", {"password": "hunter22", "verify": False}),
    ("POST", "/{}/rotate", {"password": "much too long"}),
    ("POST", "/{}/rotate", {"activate": True}),
    ("POST", "/{}/rotate", {"discard": True}),
]


def shape(answer) -> tuple:
    body = answer.json() if answer.content else None
    if body:
        body["meta"].pop("request_id")
        body["meta"].pop("timestamp")
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("X-Request-Id",) and not name.startswith("X-RateLimit")
    }
    return answer.status_code, body, headers


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_it_answers_as_if_it_did_not_exist(api, stranger, method, path, body):
    credential_id = api.add()
    before = stored(credential_id).__dict__ | {"_state": None}

    theirs = stranger.call(method, path.format(credential_id), body)
    nobodys = stranger.call(method, path.format(new_id("cred")), body)

    assert shape(theirs) == shape(nobodys)
    assert theirs.status_code == (405 if method == "HEAD" else 404)
    assert stored(credential_id).__dict__ | {"_state": None} == before
    assert [row.action for row in audit_rows()] == ["credential.created"]


def test_if_match_tells_nothing_either(api, stranger):
    credential_id = api.add()
    etag = api.get(f"/{credential_id}")["ETag"]
    for method in ("PATCH", "DELETE"):
        assert stranger.call(method, f"/{credential_id}", {}, If_Match=etag).status_code == 404
        assert stranger.call(method, f"/{credential_id}", {}, If_Match='"x"').status_code == 404


def test_the_list_shows_ones_own_only(api, stranger):
    mine, theirs = api.add(), stranger.add()
    assert [row["id"] for row in api.get().json()["data"]] == [mine]
    assert [row["id"] for row in stranger.get().json()["data"]] == [theirs]
    assert stranger.get("?q=acme").json()["meta"]["pagination"]["total"] == 1


def test_adding_the_same_account_does_not_tell_of_the_others(api, stranger):
    api.add()
    assert (
        stranger.post("", {"host": "127.0.0.1", "system_id": "acme", "password": "x"}).status_code
        == 201
    )
