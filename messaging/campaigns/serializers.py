"""Each field of a campaign once: for bodies, answers and OpenAPI; and the filters of its lists."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from messaging.campaigns import template, warnings
from messaging.campaigns.models import Campaign, CampaignStatus
from messaging.campaigns.recipients import MAX_RECIPIENTS, MAX_SHOWN, AddResult
from messaging.credentials.validators import MAX_NAME
from messaging.credentials.validators import name as printable_name
from messaging.messages.serializers import MessageQuery
from messaging.pools import references
from messaging.serializer_fields import CheckedText, PhoneNumberParameter, Reference
from messaging.smpp.protocol.segmentation import encode
from orbit.api.answers import AnswerSerializer, ResourceSerializer
from orbit.api.query_params import ListQuery
from orbit.api.serializers import StrictSerializer

MAX_BODY = 10_000  # characters, with the names of variables


def _body(value: str) -> str:
    """Validate the text. It has to fit when every variable is empty."""
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
    """A future time in whole seconds, with its offset: a guessed offset could start a campaign an
    hour early."""

    def to_internal_value(self, value: Any) -> datetime:
        moment = super().to_internal_value(value)
        if isinstance(value, str) and timezone.is_naive(parse_datetime(value) or moment):
            raise serializers.ValidationError("Needs an offset: Z, or e.g. +02:00.")
        if moment <= timezone.now():
            raise serializers.ValidationError("Has to be in the future.")
        return moment.replace(microsecond=0)


class RecipientSerializer(ResourceSerializer):
    """One of `recipients`. `rows` reads those of a body."""

    to = serializers.CharField(help_text="E.164 format e.g. +14155552671")
    variables = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        help_text="texts by name, for the {{variables}} of the body",
    )
    line = serializers.IntegerField(
        read_only=True, help_text="of the CSV or list that it came with"
    )


@extend_schema_field(RecipientSerializer(many=True))
class Recipients(serializers.ListField):
    """The list as sent; `recipient_import.from_json` checks each entry, so that faults name their
    place."""

    reads_itself = True
    openapi = {"format": "recipients", "maxItems": MAX_RECIPIENTS}

    def to_internal_value(self, data: Any) -> list[Any]:
        if len(data) > MAX_RECIPIENTS:
            raise serializers.ValidationError(
                f"There are at most {MAX_RECIPIENTS} recipients, this has {len(data)}."
            )
        return data


class ProgressSerializer(AnswerSerializer):
    """All but `total` add up to it."""

    total = serializers.IntegerField(help_text="recipients")
    queued = serializers.IntegerField(help_text="wait with us, also those without a message yet")
    sending = serializers.IntegerField(help_text="given to a gateway; no carrier has answered yet")
    sent = serializers.IntegerField(help_text="a carrier took them; no receipt yet")
    delivered = serializers.IntegerField()
    undelivered = serializers.IntegerField()
    failed = serializers.IntegerField(
        help_text="certainly with no carrier; those of a cancelled campaign that waited, too"
    )
    expired = serializers.IntegerField()
    unknown = serializers.IntegerField(help_text="`submitted_no_receipt`")
    cancelled = serializers.IntegerField(help_text="recipients who never get a message")


class WarningSerializer(AnswerSerializer):
    field = serializers.CharField(help_text="`body` or `variables.NAME`")
    message = serializers.CharField()


class CampaignSerializer(ResourceSerializer):
    """The body of POST, with `partial=True` that of PATCH, where `recipients` replaces the list,
    and the answer."""

    id = serializers.CharField(read_only=True)
    name = CheckedText(
        printable_name,
        openapi={"format": "printable"},
        max_length=MAX_NAME,
        help_text="text of 1–64 printable characters, not `none`",
    )
    channel = serializers.ChoiceField(["sms"], required=False, help_text="sms")
    body = CheckedText(
        _body,
        openapi={"format": "template", "maxLength": MAX_BODY},
        help_text="text with {{variables}}; filled in, at most 10 segments: 1,530 GSM-7 septets or "
        "670 UTF-16 units",
    )
    sender_pool_id = Reference(help_text=references.EXPECTED)
    recipients = Recipients(
        required=False,
        write_only=True,
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
    status = serializers.ChoiceField(CampaignStatus.choices, read_only=True)
    progress = ProgressSerializer(read_only=True)
    opted_out = serializers.IntegerField(
        read_only=True,
        help_text="how many of `progress.failed` were not sent, since the person has opted out: "
        "their messages have `error.code` OPTED_OUT",
    )
    warnings = WarningSerializer(
        many=True,
        read_only=True,
        help_text="before it begins, and in the answer to the start: what is in single braces, "
        "texts that are too long, and variables that are empty; always [] in the list",
    )
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)
    started_at = serializers.DateTimeField(read_only=True, allow_null=True)
    finished_at = serializers.DateTimeField(read_only=True, allow_null=True)

    def represent_channel(self, campaign: Campaign) -> str:
        return "sms"

    # Filled in by `representation.represent`: each takes queries of its own.
    def represent_opted_out(self, campaign: Campaign) -> int:
        return 0

    def represent_progress(self, campaign: Campaign) -> dict[str, int]:
        return {}

    def represent_warnings(self, campaign: Campaign) -> list[dict[str, str]]:
        return []


class RejectedSerializer(AnswerSerializer):
    """A row that was not added."""

    line = serializers.IntegerField(
        help_text="of the CSV, the header being 1; or the place in the JSON list, from 1"
    )
    field = serializers.CharField(help_text="`to`, `variables.NAME`, or `(row)` for all of it")
    message = serializers.CharField()


class AddedSerializer(AnswerSerializer):
    accepted = serializers.IntegerField()
    rejected = RejectedSerializer(many=True, help_text=f"the first {MAX_SHOWN}")
    rejected_total = serializers.IntegerField(help_text="all of them")
    warnings = WarningSerializer(
        many=True,
        help_text="of rows that were added: texts that are too long, and variables of the text "
        "that are empty",
    )

    def represent_warnings(self, outcome: AddResult) -> list[dict[str, str]]:
        found = [
            *warnings.too_long(outcome.too_long_lines, outcome.too_long_count),
            *warnings.of_upload(outcome.empty_lines, outcome.empty_counts),
        ]
        return [WarningSerializer.represent(each) for each in found]


class RecipientsSerializer(StrictSerializer):
    """The body of POST …/recipients, if it is JSON."""

    recipients = Recipients(help_text="a list of objects `to`, `variables`")


class RecipientQuery(ListQuery):
    """The filters of a campaign's recipients."""

    to = PhoneNumberParameter(required=False)


class CampaignQuery(ListQuery):
    """The filters of the list."""

    status = serializers.ChoiceField(CampaignStatus.choices, required=False)
    sender_pool_id = Reference(required=False)
    q = serializers.CharField(
        required=False, allow_blank=True, max_length=100, help_text="text in the name"
    )


class CampaignMessageQuery(MessageQuery):
    """The filters of a campaign's messages: those of the message list without `campaign_id`."""

    campaign_id = None
