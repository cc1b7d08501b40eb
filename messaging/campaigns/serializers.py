"""What comes in: bodies and query strings of the campaign routes, in the documented order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from messaging.campaigns import template
from messaging.campaigns.models import CampaignStatus
from messaging.campaigns.recipients import MAX_RECIPIENTS
from messaging.credentials.validators import MAX_NAME
from messaging.credentials.validators import name as printable_name
from messaging.messages.serializers import MessageQuery
from messaging.pools import references
from messaging.serializer_fields import CheckedText, PhoneNumberParameter
from messaging.smpp.protocol.text_encoding import encode
from orbit.api.query_params import ListQuery
from orbit.api.serializers import StrictSerializer

MAX_BODY = 10_000  # characters, with the names of variables


def _body(value: str) -> str:
    """What stays of it when every variable is empty has to fit."""
    if len(value) > MAX_BODY:
        raise ValueError(f"Must have at most {MAX_BODY} characters.")
    names = template.variable_names(value)
    if len(names) > template.MAX_VARIABLES:
        raise ValueError(
            f"Names {len(names)} variables; a recipient has at most {template.MAX_VARIABLES}."
        )
    encode(template.Template(value).render(dict.fromkeys(names, "")))
    return value


class FutureTime(serializers.DateTimeField):
    """A moment that is still to come, in whole seconds. It has to say its offset: a campaign must
    not begin an hour early for a guess."""

    def to_internal_value(self, value: Any) -> datetime:
        moment = super().to_internal_value(value)
        if isinstance(value, str) and timezone.is_naive(parse_datetime(value) or moment):
            raise serializers.ValidationError("Needs an offset: Z, or e.g. +02:00.")
        if moment <= timezone.now():
            raise serializers.ValidationError("Has to be in the future.")
        return moment.replace(microsecond=0)


class RecipientSerializer(StrictSerializer):
    """One of `recipients`, for the documentation: `rows` reads them."""

    to = serializers.CharField(help_text="E.164 format e.g. +14155552671")
    variables = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        help_text="texts by name, for the {{variables}} of the body",
    )


@extend_schema_field(RecipientSerializer(many=True))
class Recipients(serializers.ListField):
    """The list as it came; `rows.of_list` looks at each, so that a fault names its place."""

    reads_itself = True

    def to_internal_value(self, data: Any) -> list[Any]:
        if len(data) > MAX_RECIPIENTS:
            raise serializers.ValidationError(
                f"There are at most {MAX_RECIPIENTS} recipients, this has {len(data)}."
            )
        return data


class CampaignSerializer(StrictSerializer):
    """The body of POST; with `partial=True` that of PATCH, where `recipients` replaces the list."""

    name = CheckedText(
        printable_name,
        max_length=MAX_NAME,
        help_text="text of 1–64 printable characters, not `none`",
    )
    channel = serializers.ChoiceField(["sms"], required=False, help_text="sms")
    body = CheckedText(
        _body,
        help_text="text with {{variables}}; filled in, at most 10 segments: 1,530 GSM-7 septets or "
        "670 UTF-16 units",
    )
    sender_pool_id = serializers.CharField(max_length=64, help_text=references.EXPECTED)
    recipients = Recipients(
        required=False,
        help_text=f"a list of up to {MAX_RECIPIENTS} objects `to`, `variables`, each number once "
        "([] by default: add them later)",
    )
    scheduled_at = FutureTime(
        required=False,
        allow_null=True,
        help_text="a time in the future with its offset, e.g. 2026-03-08T12:00:00Z, or null "
        "(default): at once",
    )
    throughput = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=1000,
        help_text="messages/s from 1 to 1000, or null (default): as fast as the carriers take them",
    )


class RecipientsSerializer(StrictSerializer):
    """The body of POST …/recipients, if it is JSON."""

    recipients = Recipients(help_text="a list of objects `to`, `variables`")


class RecipientQuery(ListQuery):
    """The filters of a campaign's recipients."""

    to = PhoneNumberParameter(required=False)


class CampaignQuery(ListQuery):
    """The filters of the list."""

    status = serializers.ChoiceField(CampaignStatus.choices, required=False)
    sender_pool_id = serializers.CharField(required=False, max_length=64)
    q = serializers.CharField(
        required=False, allow_blank=True, max_length=100, help_text="text in the name"
    )


class CampaignMessageQuery(MessageQuery):
    """The filters of a campaign's messages: those of messages but the campaign."""

    campaign_id = None
