"""Another organisation's id is answered like an unknown one, on every route."""

from __future__ import annotations

import pytest

from orbit.ids import new_id
from tests.messaging.callers import refusal
from tests.messaging.carriers.conftest import Api as Carriers
from tests.messaging.carriers.test_isolation import shape
from tests.messaging.pools.conftest import A, audit_rows, stored

NUMBER = "?destination=%2B33639980001"
ROUTES = [
    ("GET", "", None),
    ("GET", f"/preview{NUMBER}", None),
    ("PATCH", "", {"name": "Mine now"}),
    ("PATCH", "", {"strategy": "bad"}),
    ("PATCH", "", {"members": []}),
    ("DELETE", "", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_it_answers_as_if_it_did_not_exist(api, stranger, method, path, body):
    pool_id = api.add(A)
    before = stored(pool_id).__dict__ | {"_state": None}

    theirs = stranger.call(method, f"/{pool_id}{path}", body)
    nobodys = stranger.call(method, f"/{new_id('pool')}{path}", body)

    assert shape(theirs) == shape(nobodys)
    assert theirs.status_code == 404
    assert stored(pool_id).__dict__ | {"_state": None} == before
    assert [row.action for row in audit_rows()] == ["sender_pool.created"]


def test_if_match_tells_nothing_either(api, stranger):
    pool_id = api.add()
    etag = api.get(f"/{pool_id}")["ETag"]
    for method in ("PATCH", "DELETE"):
        assert stranger.call(method, f"/{pool_id}", {}, If_Match=etag).status_code == 404
        assert stranger.call(method, f"/{pool_id}", {}, If_Match='"x"').status_code == 404


@pytest.mark.parametrize(
    "pool_id", ["x", "pool_", "pool_" + "0" * 40, "carr_" + "0" * 32, "pool_%00", "%F0%9F", "*"]
)
def test_what_is_no_id_is_not_found(api, pool_id):
    for path in ("", f"/preview{NUMBER}"):
        refusal(api.get(f"/{pool_id}{path}"), 404, "NOT_FOUND")


def test_the_list_shows_ones_own_only(api, stranger):
    theirs_carrier = Carriers(stranger.organization).add()
    mine, theirs = api.add(), stranger.add(carrier_ids=[theirs_carrier])
    assert [row["id"] for row in api.get().json()["data"]] == [mine]
    assert [row["id"] for row in stranger.get().json()["data"]] == [theirs]
    for query in ("?q=support", f"?carrier_id={theirs_carrier}"):
        assert theirs not in [row["id"] for row in api.get(query).json()["data"]]


def test_carriers_of_others_take_no_message(api, stranger):
    theirs = Carriers(stranger.organization).add(countries=["*"])
    pool_id = api.add(A)
    assert api.preview(pool_id)["carrier"] is None
    for carrier_id in (theirs, new_id("carr"), "x"):
        answer = api.get(f"/{pool_id}/preview{NUMBER}&carrier_id={carrier_id}")
        error = refusal(answer, 422, "VALIDATION_ERROR")
        assert error["details"]["field"] == "carrier_id"
        assert "no such carrier" in error["message"]
