"""Another organisation's id is answered like an unknown one, on every route."""

from __future__ import annotations

import pytest

from orbit.ids import new_id
from tests.messaging.carriers.conftest import Routes, audit_rows, make_credential, stored

ROUTES = [
    ("GET", None),
    ("PATCH", {"name": "Mine now"}),
    ("PATCH", {"quality": "bad"}),
    ("PATCH", {"credential_id": "cred_1"}),
    ("DELETE", None),
]
SOME_NUMBER = "?destination=%2B33639980001"


def shape(answer) -> tuple:
    body = answer.json() if answer.content else None
    if body:
        body["meta"].pop("request_id")
        body["meta"].pop("timestamp")
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name != "X-Request-Id" and not name.startswith("X-RateLimit")
    }
    return answer.status_code, body, headers


@pytest.mark.parametrize(("method", "body"), ROUTES)
def test_it_answers_as_if_it_did_not_exist(api, stranger, method, body):
    carrier_id = api.add()
    before = stored(carrier_id).__dict__ | {"_state": None}

    theirs = stranger.call(method, f"/{carrier_id}", body)
    nobodys = stranger.call(method, f"/{new_id('carr')}", body)

    assert shape(theirs) == shape(nobodys)
    assert theirs.status_code == 404
    assert stored(carrier_id).__dict__ | {"_state": None} == before
    assert [row.action for row in audit_rows()] == ["carrier.created"]


def test_if_match_tells_nothing_either(api, stranger):
    carrier_id = api.add()
    etag = api.get(f"/{carrier_id}")["ETag"]
    for method in ("PATCH", "DELETE"):
        assert stranger.call(method, f"/{carrier_id}", {}, If_Match=etag).status_code == 404
        assert stranger.call(method, f"/{carrier_id}", {}, If_Match='"x"').status_code == 404


@pytest.mark.parametrize(
    "carrier_id", ["x", "carr_", "carr_" + "0" * 40, "cred_" + "0" * 32, "carr_%00", "%F0%9F", "*"]
)
def test_what_is_no_id_is_not_found(api, carrier_id):
    answer = api.get(f"/{carrier_id}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "NOT_FOUND"


def test_the_list_shows_ones_own_only(api, stranger):
    mine, theirs = api.add(), stranger.add()
    assert [row["id"] for row in api.get().json()["data"]] == [mine]
    assert [row["id"] for row in stranger.get().json()["data"]] == [theirs]
    foreign = stored(mine).credential_id
    for query in ("?q=orange", "?country=FR", f"?credential_id={foreign}"):
        found = stranger.get(query).json()["data"]
        assert mine not in [row["id"] for row in found]


def test_carriers_of_others_count_in_no_order(api, stranger, routes):
    mine = api.add(quality=1)
    for _ in range(3):
        stranger.add(quality=100)
    row = api.get(f"/{mine}").json()["data"]
    assert row["routes"] == [{"country": "FR", "position": 1, "of": 1}]
    explained = routes.get(SOME_NUMBER).json()["data"]
    assert [each["id"] for each in explained["carriers"]] == [mine]
    assert explained["left_out"] == []
    assert len(Routes(stranger.organization).get(SOME_NUMBER).json()["data"]["carriers"]) == 3


def test_a_credential_of_others_cannot_be_taken_over(api, stranger):
    carrier_id = api.add()
    theirs = make_credential(stranger.organization)
    assert api.patch(f"/{carrier_id}", {"credential_id": theirs.id}).status_code == 422
    assert stored(carrier_id).credential.organization_id == api.organization.id
