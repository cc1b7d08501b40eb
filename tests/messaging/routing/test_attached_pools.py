"""A pool that is attached to carriers sends only through those, in every answer of routing."""

from __future__ import annotations

import pytest

from messaging.messages.models import Message
from messaging.routing.router import Router
from messaging.routing.values import RouteRequest, Unroutable
from tests.messaging.callers import refusal
from tests.messaging.messages.conftest import Api as Messages
from tests.messaging.pools.conftest import FRANCE, A


@pytest.fixture
def messages(organization) -> Messages:
    return Messages(organization)


@pytest.fixture
def attached(carriers) -> str:
    return carriers.add()


@pytest.fixture
def other(carriers) -> str:
    return carriers.add()


@pytest.fixture
def pool_id(api, attached) -> str:
    return api.add(A, carrier_ids=[attached])


def test_another_carrier_is_refused_by_preview_and_post_in_the_same_words(
    api, messages, pool_id, other
):
    preview = api.preview(pool_id, carrier_id=other)
    answer = messages.try_to_send(sender=None, sender_pool_id=pool_id, carrier_id=other)

    error = refusal(answer, 422, "NO_ROUTE")
    assert error["details"]["field"] == "carrier_id"
    assert other in error["message"]
    assert preview["carrier"] is None
    assert error["message"] in preview["note"]
    assert "NO_ROUTE" in preview["note"]
    assert Message.objects.count() == 0


def test_also_with_a_sender_that_is_named(messages, pool_id, other):
    answer = messages.try_to_send(sender=A, sender_pool_id=pool_id, carrier_id=other)
    assert refusal(answer, 422, "NO_ROUTE")["details"]["field"] == "carrier_id"


def test_the_router_says_the_same_of_a_message_whose_pool_was_attached_since(
    organization, pool_id, other
):
    wanted = RouteRequest(FRANCE, "FR", "hello", pool_id=pool_id, carrier_id=other)
    (answer,) = Router.read(organization.pk).choose([wanted], usable={other}, room={})
    assert isinstance(answer, Unroutable)
    assert (answer.code, answer.field) == ("NO_ROUTE", "carrier_id")


def test_its_own_carrier_is_taken(messages, pool_id, attached):
    taken = messages.send(sender=None, sender_pool_id=pool_id, carrier_id=attached)
    assert taken["status"] == "queued"


def test_one_that_is_attached_to_none_goes_through_any(api, messages, other):
    taken = messages.send(sender=None, sender_pool_id=api.add(A), carrier_id=other)
    assert taken["status"] == "queued"


def test_why_none_takes_the_number_is_said_of_those_that_were_asked(
    api, carriers, messages, pool_id, attached, other
):
    """Others take it: they are in `GET …/routes`, and the message may not take them."""
    carriers.patch(f"/{attached}", {"countries": ["US"]})

    preview = api.preview(pool_id)
    error = refusal(messages.try_to_send(sender=None, sender_pool_id=pool_id), 422, "NO_ROUTE")
    assert (
        error["message"]
        == "No carrier in use that the sender pool is attached to takes numbers of FR."
    )
    assert error["message"] in preview["note"]

    error = refusal(messages.try_to_send(sender=A, carrier_id=attached), 422, "NO_ROUTE")
    assert (
        error["message"] == f"The carrier {attached} does not take numbers of FR, or is not in use."
    )
    assert messages.try_to_send(sender=A, carrier_id=other).status_code == 202
