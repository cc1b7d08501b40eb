"""Each field of webhooks and deliveries once: for bodies, answers and OpenAPI."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from messaging.serializer_fields import CheckedText
from messaging.webhooks.endpoints import EXPECTED, postable
from messaging.webhooks.models import (
    ALL_EVENTS,
    MAX_URL,
    TEST_EVENT,
    Delivery,
    DeliveryStatus,
    EventType,
    SigningKey,
)
from orbit.api.answers import AnswerSerializer, ResourceSerializer, TextOrNull
from orbit.api.envelope import timestamp
from orbit.api.query_params import ListQuery
from orbit.api.serializers import StrictSerializer

_EVENTS = [*EventType.values, ALL_EVENTS]
_TYPES = [*EventType.values, TEST_EVENT]


def _acceptable(url: str) -> str:
    postable(url)
    return url


class WebhookUrl(CheckedText):
    """An address that may be posted to, as far as it tells by itself; faults are
    INVALID_WEBHOOK_URL. Where its host leads is asked by `endpoints.check`."""

    fault = "INVALID_WEBHOOK_URL"
    openapi = {"format": "public-url", "pattern": "^https?://", "maxLength": MAX_URL}

    def __init__(self, **options: Any) -> None:
        super().__init__(_acceptable, **{"help_text": EXPECTED} | options)


class Events(serializers.ListField):
    """Types of events, each once; or `["*"]`."""

    child = serializers.ChoiceField(_EVENTS)
    openapi = {"format": "events"}  # `*` stands alone

    def to_internal_value(self, data: Any) -> list[str]:
        events = list(dict.fromkeys(super().to_internal_value(data)))
        if ALL_EVENTS in events and len(events) > 1:
            raise serializers.ValidationError(f'"{ALL_EVENTS}" is all of them: leave out the rest.')
        return events


class WebhookSecretSerializer(AnswerSerializer):
    """What is known of a secret."""

    set_at = serializers.DateTimeField(
        source="secret_set_at", allow_null=True, help_text="null: there is none"
    )
    previous_until = serializers.DateTimeField(
        allow_null=True, help_text="until when the secret before it signs, too; null: it does not"
    )

    def represent_previous_until(self, key: SigningKey) -> str | None:
        until = key.previous_until
        return timestamp(until) if until and until > timezone.now() else None


class NewWebhookSecretSerializer(WebhookSecretSerializer):
    signing_secret = serializers.CharField(source="secret", help_text="`whsec_…`, shown this once")


class WebhookSerializer(ResourceSerializer):
    """The body of POST and of PUT, which is the whole webhook, and the answer."""

    id = serializers.CharField(read_only=True)

    # An address often is a secret by itself.
    secret_fields = ("url",)

    url = WebhookUrl()
    events = Events(
        allow_empty=False,
        help_text=f'at least one of {", ".join(EventType.values)}; or ["*"] for all, also those '
        "to come",
    )
    description = serializers.CharField(
        default="", allow_blank=True, max_length=255, help_text='text; "" is the default'
    )
    active = serializers.BooleanField(
        default=True, help_text="true (default); false: nothing is sent"
    )
    secret = WebhookSecretSerializer(read_only=True, source="*")
    last_success_at = serializers.DateTimeField(read_only=True, allow_null=True)
    last_failure_at = serializers.DateTimeField(
        read_only=True,
        allow_null=True,
        help_text="later than last_success_at: it does not work now",
    )
    last_failure = TextOrNull(help_text="what failed then")
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)


class NewWebhookSerializer(WebhookSerializer):
    """The answer that shows the secret."""

    signing_secret = serializers.CharField(
        read_only=True, source="secret", help_text="`whsec_…`, shown this once"
    )


class WebhookResponseSerializer(AnswerSerializer):
    """The answer of the webhook's address."""

    status = serializers.IntegerField(source="response_status", help_text="of HTTP")
    body = serializers.CharField(source="response_body", help_text="its first 1024 characters")
    ms = serializers.IntegerField(source="response_ms")


class WebhookDeliverySerializer(AnswerSerializer):
    id = serializers.CharField(help_text="X-Devotel-Delivery-Id")
    event_id = serializers.CharField(help_text="X-Devotel-Event-Id: the same in each repetition")
    event_type = serializers.ChoiceField(_TYPES, source="event.type")
    url = serializers.CharField()
    status = serializers.ChoiceField(DeliveryStatus.values)
    attempts = serializers.IntegerField()
    last_attempt_at = serializers.DateTimeField(source="attempted_at", allow_null=True)
    next_attempt_at = serializers.DateTimeField(
        allow_null=True, help_text="null: it is over, or under way"
    )
    error = TextOrNull(help_text="of the last attempt")
    response = WebhookResponseSerializer(allow_null=True, help_text="to the last attempt")
    payload = serializers.DictField(help_text="what is sent: {id, type, created_at, data}")
    created_at = serializers.DateTimeField()

    def represent_next_attempt_at(self, delivery: Delivery) -> str | None:
        waits = delivery.status == DeliveryStatus.PENDING and not delivery.claim
        return timestamp(delivery.due_at) if waits else None

    def represent_response(self, delivery: Delivery) -> dict[str, Any] | None:
        if delivery.response_status is None:
            return None
        return WebhookResponseSerializer.represent(delivery)

    def represent_payload(self, delivery: Delivery) -> dict[str, Any]:
        return json.loads(delivery.event.body)


class RotateSecretSerializer(StrictSerializer):
    """The body of both rotations."""

    grace_hours = serializers.IntegerField(
        default=24,
        min_value=0,
        max_value=72,
        help_text="for how many hours the secret of now goes on signing, too: a whole number from "
        "0 to 72 (default 24)",
    )


class DeliveryQuery(ListQuery):
    """The filters of the list of deliveries."""

    status = serializers.ChoiceField(DeliveryStatus.values, required=False)
    event_type = serializers.ChoiceField(_TYPES, required=False)
