"""What comes in: the body of a test, and the filter of the list."""

from __future__ import annotations

from rest_framework import serializers

from messaging.carrier_tests.models import TestStatus, TestVia
from messaging.serializer_fields import PhoneNumber, Sender, SenderIsFrom, SmsText
from orbit.api.query_params import ListQuery
from orbit.api.serializers import StrictSerializer

DEFAULT_BODY = "Test message from Orbit"


class CarrierTestSerializer(SenderIsFrom, StrictSerializer):
    """The body of POST …/test."""

    to = PhoneNumber()
    sender = Sender(
        required=False,
        help_text="E.164 with +, a short code of 3–8 digits, or a name of 1–11 characters "
        "(default: chosen from the carrier's sender pools)",
    )
    body = SmsText(
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


class CarrierTestQuery(ListQuery):
    """The filter of the list."""

    status = serializers.ChoiceField(TestStatus.choices, required=False)
