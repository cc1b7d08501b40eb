"""What comes in: the body of a test, and the filter of the list."""

from __future__ import annotations

from rest_framework import serializers

from messaging.carriers.models import TestStatus, TestVia
from messaging.fields import CheckedText, PhoneNumber
from messaging.numbers import sender_type
from messaging.smpp.text import encode
from orbit.api.query import ListQuery
from orbit.api.serializers import StrictSerializer

DEFAULT_BODY = "Test message from Orbit"


def _sender(value: str) -> str:
    sender_type(value)
    return value


def _body(value: str) -> str:
    encode(value)
    return value


class CarrierTestSerializer(StrictSerializer):
    """The body of POST …/test."""

    to = PhoneNumber()
    sender = CheckedText(
        _sender,
        required=False,
        help_text="E.164 with +, a short code of 3–8 digits, or a name of 1–11 characters "
        "(default: chosen from the carrier's sender pools)",
    )
    body = CheckedText(
        _body,
        required=False,
        help_text="text of at most 10 segments: 1,530 GSM-7 septets or 670 UTF-16 units "
        f'(default "{DEFAULT_BODY}")',
    )
    via = serializers.ChoiceField(
        TestVia.choices,
        required=False,
        help_text="gateway (default while it is bound): as traffic goes; direct: by a bind of its "
        "own, which shows every step",
    )
    force = serializers.BooleanField(
        required=False,
        help_text="true: direct even beside the only bind that the carrier allows",
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        # `from` can't be the name of an attribute.
        fields = super().get_fields()
        fields["sender"].source = "sender"
        return {"from" if name == "sender" else name: field for name, field in fields.items()}


class CarrierTestQuery(ListQuery):
    """The filter of the list."""

    status = serializers.ChoiceField(TestStatus.choices, required=False)
