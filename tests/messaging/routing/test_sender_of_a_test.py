"""A test send that names no sender takes one from the carrier's pools, and disturbs nothing."""

from __future__ import annotations

import pytest

from messaging.carrier_tests import enqueue
from messaging.pools.models import StickySender
from messaging.routing.senders import look
from tests.messaging.callers import refusal
from tests.messaging.pools.conftest import FRANCE, A, B, roster


@pytest.fixture
def test_of(carriers, monkeypatch):
    monkeypatch.setattr(enqueue, "start", lambda test_id: None)

    def send(carrier_id: str):
        return carriers.post(f"/{carrier_id}/test", {"to": FRANCE, "via": "direct"})

    return send


def test_it_takes_the_next_sender_of_the_oldest_pool_that_has_one(api, carriers, test_of):
    carrier_id, other = carriers.add(), carriers.add()
    api.add("Elsewhere", carrier_ids=[other])
    api.add({"sender": "Off", "enabled": False}, carrier_ids=[carrier_id])
    api.add(A, B, carrier_ids=[carrier_id, other])
    api.add("Younger", carrier_ids=[carrier_id])
    answer = test_of(carrier_id)
    assert answer.status_code == 202, answer.content
    assert answer.json()["data"]["from"] == A


def test_it_takes_no_turn_and_leaves_no_mapping(api, carriers, test_of):
    carrier_id = carriers.add()
    pool_id = api.add(A, B, carrier_ids=[carrier_id], sticky=True)
    assert test_of(carrier_id).status_code == 202
    assert StickySender.objects.count() == 0
    assert look(roster(pool_id), "+33639980002")[0].member.sender == A


@pytest.mark.parametrize("attached", [True, False])
def test_without_a_sender_it_is_refused(api, carriers, test_of, attached):
    carrier_id = carriers.add()
    off = {"sender": A, "enabled": False}
    api.add(off if attached else A, carrier_ids=[carrier_id] if attached else [])
    error = refusal(test_of(carrier_id), 422, "NO_ELIGIBLE_SENDER")
    assert error["details"]["field"] == "from"
