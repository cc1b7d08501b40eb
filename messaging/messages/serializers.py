"""What comes in: the body of a message, and the filters of the list."""

from __future__ import annotations

import json
from typing import Any

from rest_framework import serializers

from messaging.messages.models import MessageStatus
from messaging.pools import references
from messaging.serializer_fields import (
    DialledNumberParameter,
    PhoneNumber,
    Sender,
    SenderIsFrom,
    SmsText,
    Tlvs,
)
from messaging.webhooks.serializers import WebhookUrl
from orbit.api.query_params import ListQuery
from orbit.api.serializers import StrictSerializer

MAX_METADATA = 4096  # bytes of JSON


class Metadata(serializers.DictField):
    """Any JSON object that is not too large."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        # First: a body has room for a hundred thousand names, each of which would be looked at.
        size = len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())
        if size > MAX_METADATA:
            raise serializers.ValidationError(
                f"This takes {size} bytes as JSON; at most {MAX_METADATA} are allowed."
            )
        return super().to_internal_value(data)


class SmsSerializer(SenderIsFrom, StrictSerializer):
    """The body of POST …/sms."""

    # An address often is a secret by itself.
    secret_fields = ("webhook_url",)

    to = PhoneNumber()
    body = SmsText(
        help_text="text of at most 10 segments: 1,530 GSM-7 septets or 670 UTF-16 units",
    )
    sender = Sender(
        required=False,
        help_text="E.164 with +, a short code of 3–8 digits, or a name of 1–11 characters "
        "(default: chosen from the pool that is named, else from those of the carrier)",
    )
    sender_pool_id = serializers.CharField(
        required=False, max_length=64, help_text=references.EXPECTED
    )
    carrier_id = serializers.CharField(
        required=False,
        max_length=64,
        help_text="the id of one of your carriers: the message goes through no other",
    )
    webhook_url = WebhookUrl(
        required=False,
        help_text="an https:// URL of a public host that is told what becomes of the message",
    )
    metadata = Metadata(
        required=False,
        help_text=f"an object of your own, of at most {MAX_METADATA} bytes as JSON",
    )
    tlvs = Tlvs(required=False)


class MessageQuery(ListQuery):
    """The filters of the list."""

    status = serializers.ChoiceField(MessageStatus.choices, required=False)
    to = DialledNumberParameter(
        required=False,
        help_text="a number in E.164 e.g. +14155552671, or in the national form of a country that "
        "one of your carriers lists e.g. 0612345678",
    )
    carrier_id = serializers.CharField(required=False, max_length=64)
    campaign_id = serializers.CharField(required=False, max_length=64)
    created_after = serializers.DateTimeField(required=False)
    created_before = serializers.DateTimeField(required=False)
