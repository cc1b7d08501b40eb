"""How webhooks, deliveries and secrets are answered. A secret itself: once, by `with_secret`."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from messaging.redaction import without_texts
from messaging.webhooks.models import Delivery, SigningKey, Webhook, WebhookSecret
from messaging.webhooks.serializers import (
    WebhookDeliverySerializer,
    WebhookSecretSerializer,
    WebhookSerializer,
)
from orbit.api.etags import etag

MESSAGES = "messages:read"

represent = WebhookSerializer.represent
represent_delivery = WebhookDeliverySerializer.represent


def delivery_for(scopes: Collection[str]) -> Callable[[Delivery], dict[str, Any]]:
    """How a delivery is answered to a caller with these scopes: without `messages:read` numbers are
    masked in what was posted and what was answered, and metadata is left out."""
    if MESSAGES in scopes:
        return represent_delivery
    return lambda delivery: _in_part(represent_delivery(delivery))


def _in_part(answer: dict[str, Any]) -> dict[str, Any]:
    shown = {name: without_texts(answer[name]) for name in ("payload", "response")}
    return {**answer, **shown}


def represent_key(key: SigningKey | None) -> dict[str, Any]:
    """What is known of a secret; all null if there is none."""
    return WebhookSecretSerializer.represent(key or WebhookSecret(secret_set_at=None))


def with_secret(answer: dict[str, Any], key: SigningKey) -> dict[str, Any]:
    """The answer that shows the secret, with `one_time_reveal.NO_STORE`."""
    return {**answer, "signing_secret": key.secret}


def tag(webhook: Webhook) -> str:
    """ETag over what people wrote: deliveries leave it alone, a new secret does not."""
    return etag({"id": webhook.id, **WebhookSerializer.written(webhook), **_times(webhook)})


def key_tag(key: WebhookSecret | None) -> str:
    """ETag of the organisation's secret."""
    return etag(_times(key) if key else {})


def _times(key: SigningKey) -> dict[str, Any]:
    return {"secret_set_at": key.secret_set_at, "previous_until": key.previous_until}
