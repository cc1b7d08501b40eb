from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.webhooks.metrics import WebhookCollector
from messaging.webhooks.models import Delivery, Event, Webhook

pytestmark = pytest.mark.django_db


def figures() -> dict[str, float]:
    return {
        each.name: each.value for family in WebhookCollector().collect() for each in family.samples
    }


def test_what_waits_and_what_is_late(organization):
    assert set(figures().values()) == {0}
    now = timezone.now()
    event = Event.objects.create(organization=organization, type="x", body="{}", created_at=now)
    for minutes in (-3, 60):  # one is late, one is tried again in an hour
        due = now + timedelta(minutes=minutes)
        Delivery.objects.create(event=event, url="https://a", lane="a", due_at=due)
    Delivery.objects.update(created_at=now - timedelta(hours=2))

    found = figures()

    assert found["orbit_webhook_deliveries_waiting"] == 2
    assert 7200 <= found["orbit_webhook_oldest_delivery_seconds"] < 7260
    assert 180 <= found["orbit_webhook_overdue_seconds"] < 240


def test_a_webhook_fails_until_a_delivery_goes_through_or_none_is_tried(organization):
    now = timezone.now()
    made = {"organization": organization, "events": ["*"], "secret_set_at": now, "url": "https://a"}
    ago = {n: now - timedelta(minutes=n) for n in (1, 2, 20)}
    Webhook.objects.create(**made, last_failure_at=ago[1])
    Webhook.objects.create(**made, last_failure_at=ago[1], last_success_at=ago[2])
    Webhook.objects.create(**made, last_failure_at=ago[2], last_success_at=ago[1])
    Webhook.objects.create(**made, last_failure_at=ago[20])
    Webhook.objects.create(**made, last_failure_at=ago[1], active=False)

    assert figures()["orbit_webhooks_failing"] == 2
