"""A key that may not read messages sees the deliveries of webhooks with numbers in part."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from messaging.webhooks.models import Delivery, Event, Webhook
from tests.factories import make_api_key

NUMBER = "+33639980001"
DATA = {"message_id": "msg_" + "1" * 32, "to": NUMBER, "segments": 1, "metadata": {"code": "7391"}}
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def webhook(organization) -> Webhook:
    now = timezone.now()
    row = Webhook.objects.create(
        organization=organization, url="https://x.example/", events=["*"], secret_set_at=now
    )
    event = Event.objects.create(
        organization=organization, type="message.sent", body=json.dumps({"data": DATA}),
        created_at=now,
    )  # fmt: skip
    Delivery.objects.create(
        event=event, webhook=row, url=row.url, lane="l", due_at=now, status="delivered",
        response_status=200, response_ms=1, response_body=f"got {NUMBER}",
    )  # fmt: skip
    return row


def read(webhook: Webhook, **key: Any) -> dict[str, Any]:
    client = Client(headers={"X-API-Key": make_api_key(webhook.organization, **key).secret})
    return client.get(f"/v1/webhooks/{webhook.pk}/deliveries").json()["data"][0]


def test_without_the_scope_of_messages_numbers_are_in_part_and_texts_away(webhook):
    found = read(webhook, scopes=["webhooks:read"])

    assert found["payload"]["data"] == {**DATA, "to": "+3363…01", "metadata": {}}
    assert found["response"] == {"status": 200, "body": "…", "ms": 1}
    assert NUMBER not in json.dumps(found)


@pytest.mark.parametrize("role", ["owner", "viewer"])
def test_who_may_read_messages_sees_them_whole(webhook, role):
    found = read(webhook, role=role)

    assert found["payload"]["data"] == DATA
    assert found["response"]["body"] == f"got {NUMBER}"
