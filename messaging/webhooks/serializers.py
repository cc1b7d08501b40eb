"""What comes in: bodies and query strings of the webhook routes, in the documented order."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from messaging.serializer_fields import CheckedText
from messaging.webhooks.endpoints import EXPECTED, postable
from messaging.webhooks.models import ALL_EVENTS, TEST_EVENT, DeliveryStatus, EventType
from orbit.api.query_params import ListQuery
from orbit.api.serializers import StrictSerializer

_EVENTS = [*EventType.values, ALL_EVENTS]


def _acceptable(url: str) -> str:
    postable(url)
    return url


class WebhookUrl(CheckedText):
    """An address that may be posted to, as far as it tells by itself; faults are
    INVALID_WEBHOOK_URL. Where its host leads is asked by `endpoints.check`."""

    fault = "INVALID_WEBHOOK_URL"

    def __init__(self, **options: Any) -> None:
        super().__init__(_acceptable, **{"help_text": EXPECTED} | options)


class Events(serializers.ListField):
    """Types of events, each once; or `["*"]`."""

    child = serializers.ChoiceField(_EVENTS)

    def to_internal_value(self, data: Any) -> list[str]:
        events = list(dict.fromkeys(super().to_internal_value(data)))
        if ALL_EVENTS in events and len(events) > 1:
            raise serializers.ValidationError(f'"{ALL_EVENTS}" is all of them: leave out the rest.')
        return events


class WebhookSerializer(StrictSerializer):
    """The body of POST and of PUT: the whole webhook."""

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
    event_type = serializers.ChoiceField([*EventType.values, TEST_EVENT], required=False)
