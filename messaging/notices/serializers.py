"""Each field of recipients and silences once: for bodies, answers and OpenAPI."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from messaging.notices import services
from messaging.notices.channels import MAX_URL, SCHEMES, scheme_of
from messaging.notices.decisions import Kind
from messaging.notices.models import NoticeRecipient
from messaging.serializer_fields import CheckedText
from orbit.api.answers import ResourceSerializer, TextOrNull

# What an organisation is told of; the rest is for operators.
KINDS = [each.value for each in Kind if each not in (Kind.LOG, Kind.DISK, Kind.DATABASE)]
LONGEST_WAIT = 86_400  # seconds


class Moment(serializers.DateTimeField):
    """A time with its offset, in whole seconds."""

    def to_internal_value(self, value: Any) -> datetime:
        moment = super().to_internal_value(value)
        if isinstance(value, str) and timezone.is_naive(parse_datetime(value) or moment):
            raise ValidationError("Needs an offset: Z, or e.g. +02:00.")
        return moment.replace(microsecond=0)


def _taken(url: str) -> str:
    scheme_of(url)
    return url


class NoticeRecipientSerializer(ResourceSerializer):
    """The body of POST, and the answer, which never has the URL."""

    secret_fields = ("url",)

    id = serializers.CharField(read_only=True)
    name = serializers.CharField(max_length=64, help_text="at most 64 characters")
    url = CheckedText(
        _taken,
        write_only=True,
        max_length=MAX_URL,
        help_text=f"one of {', '.join(f'{each}://' for each in SCHEMES)}, as Apprise writes them; "
        "its host has to be public",
        openapi={"format": "notice-url"},
    )
    scheme = serializers.ChoiceField(
        list(SCHEMES), read_only=True, help_text="of the URL, all of it that is ever answered"
    )
    kinds = serializers.ListField(
        child=serializers.ChoiceField(KINDS),
        required=False,
        default=list,
        max_length=len(KINDS),
        help_text=f"of which incidents it is told: {', '.join(KINDS)}; [] (default): of all",
    )
    after = serializers.IntegerField(
        required=False,
        default=0,
        min_value=0,
        max_value=LONGEST_WAIT,
        help_text="how many seconds an incident has to last until it is told, 0 (default) to "
        f"{LONGEST_WAIT}",
    )
    tested_at = serializers.DateTimeField(read_only=True, allow_null=True)
    test_error = TextOrNull(help_text="why the last test was not sent; null: it was, or none was")
    created_at = serializers.DateTimeField(read_only=True)

    def represent_kinds(self, row: NoticeRecipient) -> list[str]:
        return row.kinds


class NoticeSilenceSerializer(ResourceSerializer):
    """The body of POST, and the answer."""

    id = serializers.CharField(read_only=True)
    kind = serializers.ChoiceField(
        KINDS,
        required=False,
        allow_null=True,
        default=None,
        help_text=f"one of {', '.join(KINDS)}; null (default): all",
    )
    start = Moment(help_text="when it begins, with its offset from UTC")
    end = Moment(help_text="when it ends, at most 31 days after it began")
    why = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=200,
        help_text="at most 200 characters",
    )

    def represent_kind(self, row: Any) -> str | None:
        return row.kind or None

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        if why := services.why_no_silence(fields["start"], fields["end"]):
            raise ValidationError({"end": why})
        return fields
