"""The query of usage, and its answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework import serializers

from messaging.usage.selectors import DAY, GROUPS, HOUR
from orbit.api.answers import AnswerSerializer
from orbit.api.query_params import QuerySerializer

USUAL = timedelta(days=30)
_HOUR = timedelta(hours=1)


class GroupBy(serializers.CharField):
    """Names with commas, each once."""

    def to_internal_value(self, data: Any) -> list[str]:
        names = super().to_internal_value(data).split(",")
        unknown = [name for name in names if name not in GROUPS]
        if unknown:
            raise serializers.ValidationError(
                f"{unknown[0][:32]!r} is none of {', '.join(GROUPS)}, written with commas."
            )
        if len(set(names)) < len(names):
            raise serializers.ValidationError("Name each group once.")
        if DAY in names and HOUR in names:
            raise serializers.ValidationError("Group by day or by hour.")
        return [name for name in GROUPS if name in names]


class UsageQuery(QuerySerializer):
    """`start`, `end` (`from`, `to` in a request): whole hours."""

    start = serializers.DateTimeField(
        required=False, help_text="ISO 8601, a time or a date (default: 30 days before `to`)"
    )
    end = serializers.DateTimeField(
        required=False, help_text="ISO 8601, up to which, without it (default: now)"
    )
    group_by = GroupBy(
        required=False,
        help_text="day or hour (UTC), carrier, country, sender, status, with commas (default: day)",
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        fields["start"].source, fields["end"].source = "start", "end"
        names = {"start": "from", "end": "to"}
        return {names.get(name, name): field for name, field in fields.items()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            end = _next_hour(attrs.get("end") or timezone.now())
            start = _hour(attrs["start"]) if "start" in attrs else end - USUAL
        except OverflowError:  # the year 1, or 9999
            raise serializers.ValidationError({"to": ["It is too far from today."]}) from None
        if start >= end:
            raise serializers.ValidationError({"to": ["It is not after `from`."]})
        days = settings.RETENTION_USAGE_DAYS
        if end - start > timedelta(days=days + 1):
            said = f"It is more than {days} days after `from`: usage is kept so long."
            raise serializers.ValidationError({"to": [said]})
        return {"start": start, "end": end, "group_by": attrs.get("group_by", [DAY])}


class CostSerializer(AnswerSerializer):
    amount = serializers.CharField()
    currency = serializers.CharField()


class SumsSerializer(AnswerSerializer):
    messages = serializers.IntegerField()
    segments = serializers.IntegerField()
    cost = CostSerializer(
        many=True, help_text="of what carriers took; a currency without cost is left out"
    )


class UsageRowSerializer(AnswerSerializer):
    """The groups that were asked for, and their sums."""

    optional_in_answers = ("day", "hour", "carrier_id", "carrier", "country", "sender", "status")

    day = serializers.DateField(help_text="UTC")
    hour = serializers.DateTimeField(help_text="its beginning")
    carrier_id = serializers.CharField(allow_null=True, help_text="null: none was chosen")
    carrier = serializers.CharField(allow_null=True, help_text="its name; null: it is deleted")
    country = serializers.CharField(allow_null=True, help_text="null: the number has none")
    sender = serializers.CharField(
        allow_null=True, help_text="long_code, short_code, alphanumeric; null: none was chosen"
    )
    status = serializers.CharField(
        help_text="of messages: the last one, or `sent` while no receipt has come"
    )
    messages = serializers.IntegerField()
    segments = serializers.IntegerField()
    cost = CostSerializer(many=True)


class UsageSerializer(AnswerSerializer):
    group_by = serializers.ListField(child=serializers.ChoiceField(GROUPS))
    rows = UsageRowSerializer(many=True)
    total = SumsSerializer()

    # `from` is no name of a Python attribute.
    def get_fields(self) -> dict[str, serializers.Field]:
        times = {"from": serializers.DateTimeField(), "to": serializers.DateTimeField()}
        return times | super().get_fields()


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _next_hour(moment: datetime) -> datetime:
    hour = _hour(moment)
    return hour if hour == moment else hour + _HOUR
