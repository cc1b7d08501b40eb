"""Each field of a message: of its body, its answer, OpenAPI, and the filters of the list."""

from __future__ import annotations

import json
from typing import Any

from rest_framework import serializers

from messaging.messages.models import Message, MessageStatus
from messaging.money import as_text
from messaging.pools import references
from messaging.serializer_fields import (
    DialledNumberParameter,
    PhoneNumber,
    Reference,
    Sender,
    SenderIsFrom,
    SmsText,
    Tlvs,
)
from messaging.webhooks.serializers import WebhookUrl
from orbit.api.answers import AnswerSerializer, ResourceSerializer, TextOrNull
from orbit.api.envelope import timestamp
from orbit.api.query_params import ListQuery
from orbit.api.serializers import StrictSerializer

MAX_METADATA = 4096  # bytes of JSON
ENCODINGS = ("gsm7", "ucs2", "latin1", "ascii")
OUTBOUND, INBOUND = "outbound", "inbound"  # directions


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
    sender_pool_id = Reference(required=False, help_text=references.EXPECTED)
    carrier_id = Reference(
        required=False,
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


class PriceSerializer(AnswerSerializer):
    amount = serializers.CharField(help_text="a decimal number, for all segments")
    currency = serializers.CharField(source="price_currency", help_text="ISO 4217")

    def represent_amount(self, message: Message) -> str:
        return as_text(message.price_amount)


class MessageErrorSerializer(AnswerSerializer):
    code = serializers.CharField(
        source="error_code", help_text="one word; each has its page under /docs/errors"
    )
    message = serializers.CharField(source="error_message")


class MessageEventSerializer(AnswerSerializer):
    status = serializers.ChoiceField(MessageStatus.choices)
    at = serializers.DateTimeField()
    detail = serializers.CharField()


class MessageSerializer(SenderIsFrom, AnswerSerializer):
    """A message, in whatever state it is."""

    id = serializers.CharField()
    message_id = serializers.CharField(source="pk", help_text="the same as `id`")
    channel = serializers.ChoiceField(["sms"])
    direction = serializers.ChoiceField([OUTBOUND])
    to = serializers.CharField()
    sender = serializers.CharField(
        allow_null=True, help_text="null until it is chosen; final once a carrier has the message"
    )
    body = serializers.CharField()
    status = serializers.ChoiceField(MessageStatus.choices)
    segments = serializers.IntegerField(
        help_text="final with `from`: a carrier whose `gsm_data_coding` is 3 takes fewer characters"
    )
    encoding = serializers.ChoiceField(
        ENCODINGS,
        help_text="the last two where the carrier's `gsm_data_coding` is 3 or 1",
    )
    carrier_id = serializers.CharField(allow_null=True, help_text="as `from`")
    sender_pool_id = serializers.CharField(allow_null=True, help_text="as `from`")
    provider_id = TextOrNull(
        source="carrier_message_id",
        help_text="the carrier's own id of the message, for questions to the carrier; null until "
        "it is known: with a stock Jasmin that is when the receipt comes",
    )
    campaign_id = serializers.CharField(allow_null=True)
    price = PriceSerializer(allow_null=True, help_text="null until a carrier has the message")
    error = MessageErrorSerializer(allow_null=True, help_text="why it ended as it did")
    metadata = serializers.DictField(help_text="what was sent with it")
    tlvs = Tlvs(help_text="what the request named; those of the credential are not among them")
    events = MessageEventSerializer(many=True, help_text="oldest first")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)

    def represent_channel(self, message: Message) -> str:
        return "sms"

    def represent_direction(self, message: Message) -> str:
        return OUTBOUND

    def represent_from(self, message: Message) -> str | None:
        return message.sender or message.wanted_sender or None

    def represent_carrier_id(self, message: Message) -> str | None:
        return message.carrier_id or message.wanted_carrier_id

    def represent_sender_pool_id(self, message: Message) -> str | None:
        return message.sender_pool_id or message.wanted_pool_id

    def represent_price(self, message: Message) -> dict[str, str] | None:
        if message.sent_at is None or message.price_amount is None:
            return None  # no carrier has it, as far as we know
        return PriceSerializer.represent(message)

    def represent_error(self, message: Message) -> dict[str, str] | None:
        return MessageErrorSerializer.represent(message) if message.error_code else None

    def represent_events(self, message: Message) -> list[dict[str, Any]]:
        return message.events

    def represent_delivered_at(self, message: Message) -> str | None:
        is_delivered = message.status == MessageStatus.DELIVERED
        return timestamp(message.finished_at) if is_delivered else None


class BatchErrorSerializer(AnswerSerializer):
    code = serializers.CharField(help_text="what `POST …/sms` would have answered")
    message = serializers.CharField()
    field = serializers.CharField(allow_null=True, help_text="the first one that is wrong")


class BatchResultSerializer(AnswerSerializer):
    optional_in_answers = ("id", "status", "error")

    index = serializers.IntegerField(help_text="place in `messages`, from 0")
    id = serializers.CharField(help_text="of a message that was taken")
    status = serializers.ChoiceField(MessageStatus.choices)
    error = BatchErrorSerializer(help_text="why this one was not taken")


class BatchSerializer(AnswerSerializer):
    accepted = serializers.IntegerField()
    rejected = serializers.IntegerField()
    results = BatchResultSerializer(many=True, help_text="one for each message, in their order")


class FeedbackSerializer(ResourceSerializer):
    """The body of POST …/feedback, and its answer."""

    message_id = serializers.CharField(read_only=True)
    converted = serializers.BooleanField(
        help_text="whether the person did what the message was for, such as to type its code"
    )
    at = serializers.DateTimeField(read_only=True, source="created_at")


class MessageQuery(ListQuery):
    """The filters of the list."""

    status = serializers.ChoiceField(MessageStatus.choices, required=False)
    to = DialledNumberParameter(
        required=False,
        help_text="a number in E.164 e.g. +14155552671, or in the national form of a country that "
        "one of your carriers lists e.g. 0612345678",
    )
    carrier_id = Reference(required=False)
    campaign_id = Reference(required=False)
    created_after = serializers.DateTimeField(required=False)
    created_before = serializers.DateTimeField(required=False)
