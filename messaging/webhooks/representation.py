"""How webhooks, deliveries and secrets are answered. A secret itself: once, by `with_secret`."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone

from messaging.webhooks.models import Delivery, DeliveryStatus, SigningKey, Webhook, WebhookSecret
from orbit.api.envelope import timestamp
from orbit.api.etags import etag


def represent(webhook: Webhook) -> dict[str, Any]:
    """One webhook as the API answers it."""
    return {
        "id": webhook.id,
        **_written(webhook),
        "secret": represent_key(webhook),
        "last_success_at": timestamp(webhook.last_success_at),
        "last_failure_at": timestamp(webhook.last_failure_at),
        "last_failure": webhook.last_failure or None,
        "created_at": timestamp(webhook.created_at),
        "updated_at": timestamp(webhook.updated_at),
    }


def represent_key(key: SigningKey | None) -> dict[str, Any]:
    """What may be known of a secret; all null if there is none."""
    until = key.previous_until if key else None
    return {
        "set_at": timestamp(key.secret_set_at) if key else None,
        "previous_until": timestamp(until) if until and until > timezone.now() else None,
    }


def with_secret(answer: dict[str, Any], key: SigningKey) -> dict[str, Any]:
    """The answer that shows the secret, with `reveals.NO_STORE`."""
    return {**answer, "signing_secret": key.secret}


def tag(webhook: Webhook) -> str:
    """ETag over what people wrote: deliveries leave it alone, a new secret does not."""
    return etag({"id": webhook.id, **_written(webhook), **_times(webhook)})


def key_tag(key: WebhookSecret | None) -> str:
    """The same of the organisation's secret."""
    return etag(_times(key) if key else {})


def represent_delivery(delivery: Delivery) -> dict[str, Any]:
    """One delivery as the API answers it."""
    waits = delivery.status == DeliveryStatus.PENDING and not delivery.claim
    answered = delivery.response_status is not None
    return {
        "id": delivery.id,
        "event_id": delivery.event_id,
        "event_type": delivery.event.type,
        "url": delivery.url,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "last_attempt_at": timestamp(delivery.attempted_at),
        "next_attempt_at": timestamp(delivery.due_at) if waits else None,
        "error": delivery.error or None,
        "response": {
            "status": delivery.response_status,
            "body": delivery.response_body,
            "ms": delivery.response_ms,
        }
        if answered
        else None,
        "payload": json.loads(delivery.event.body),
        "created_at": timestamp(delivery.created_at),
    }


def _written(webhook: Webhook) -> dict[str, Any]:
    """In the order of the API's documentation."""
    return {
        "url": webhook.url,
        "events": webhook.events,
        "description": webhook.description,
        "active": webhook.active,
    }


def _times(key: SigningKey) -> dict[str, Any]:
    return {"secret_set_at": key.secret_set_at, "previous_until": key.previous_until}
