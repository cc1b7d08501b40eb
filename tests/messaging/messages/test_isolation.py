"""Another organisation's id answers as one that never was, on every route."""

from __future__ import annotations

import pytest

from orbit.ids import new_id
from tests.messaging.callers import refusal
from tests.messaging.carriers.test_isolation import shape
from tests.messaging.messages.conftest import FRANCE, make_message


def test_it_answers_as_if_it_did_not_exist(organization, stranger):
    theirs = stranger.get(f"/{make_message(organization).id}")
    nobodys = stranger.get(f"/{new_id('msg')}")
    assert shape(theirs) == shape(nobodys)
    assert theirs.status_code == 404


@pytest.mark.parametrize(
    "message_id", ["x", "msg_", "msg_" + "0" * 40, "carr_" + "0" * 32, "msg_%00", "%F0%9F", "*"]
)
def test_what_is_no_id_is_not_found(api, message_id):
    refusal(api.get(f"/{message_id}"), 404, "NOT_FOUND")


def test_the_list_shows_ones_own_only(api, stranger, carrier):
    mine = make_message(api.organization, carrier=carrier).id
    theirs = stranger.send()["id"]
    assert [row["id"] for row in api.get().json()["data"]] == [mine]
    assert [row["id"] for row in stranger.get().json()["data"]] == [theirs]
    for query in (f"?to={FRANCE}", f"?carrier_id={carrier.id}"):
        assert mine not in [row["id"] for row in stranger.get(query).json()["data"]]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_what_was_sent_stays(api, organization, method):
    message_id = make_message(organization).id
    refusal(api.call(method, f"/{message_id}", {}), 405, "METHOD_NOT_ALLOWED")
