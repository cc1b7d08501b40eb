"""Messages as campaigns make them: many at once, without a request."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.messages.models import Message
from messaging.messages.services import NEW, build
from messaging.smpp.protocol.segmentation import TextTooLong
from tests.messaging.messages.conftest import FRANCE, Api

pytestmark = pytest.mark.sqlite


def test_what_is_built_is_what_a_request_makes(api: Api, organization, carrier):
    built = build(organization_id=organization.id, to=FRANCE, body="hello", sender="ACME")
    built.save(force_insert=True)
    own = ("id", "message_id", "events", "created_at", "updated_at")
    one, other = api.read(built.id), api.read(api.send()["id"])
    assert {**one, **dict.fromkeys(own)} == {**other, **dict.fromkeys(own)}


def test_nothing_is_asked_to_build_many_and_they_are_saved_at_once(organization):
    with CaptureQueriesContext(connection) as captured:
        built = [
            build(organization_id=organization.id, to=FRANCE, body=f"hello {number}")
            for number in range(20)
        ]
        assert len(captured) == 0
        Message.objects.bulk_create(built)
    assert sum("INSERT" in query["sql"] for query in captured.captured_queries) == 1
    assert Message.objects.filter(status="queued", segments=1).count() == 20


def test_none_shares_what_another_is_told(organization):
    one, other = (build(organization_id=organization.id, to=FRANCE, body="x") for _ in range(2))
    one.events.append({})
    one.metadata["x"] = 1
    assert (len(other.events), other.metadata) == (1, {})


def test_a_text_that_is_too_long_is_not_built(organization):
    with pytest.raises(TextTooLong):
        build(organization_id=organization.id, to=FRANCE, body="a" * 1531)


def test_every_other_column_of_a_built_message_has_its_default(organization):
    """`build` fills in what is new, and whose default is made for each row."""
    built = build(organization_id=organization.id, to=FRANCE, body="hello")
    plain = Message(organization_id=organization.id, to=FRANCE, body="hello", segments=1)
    filled = {*NEW, "events"} - {"wanted_pool_id", "wanted_carrier_id", "metadata", "tlvs"}
    for field in Message._meta.concrete_fields:
        if field.attname not in filled:
            assert getattr(built, field.attname) == getattr(plain, field.attname), field
    assert built._state.adding
