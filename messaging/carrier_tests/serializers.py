"""What comes in: the body of a test, and the filter of the list."""

from __future__ import annotations

from rest_framework import serializers

from messaging.carriers.models import TestStatus, TestVia
from messaging.fields import PhoneNumber, Sender, SenderIsFrom, SmsText
from orbit.api.query import ListQuery
from orbit.api.serializers import StrictSerializer, on_form

DEFAULT_BODY = "Test message from Orbit"


class CarrierTestSerializer(SenderIsFrom, StrictSerializer):
    """The body of POST …/test."""

    to = PhoneNumber(style=on_form("To", "E.164: +33612345678"))
    sender = Sender(
        required=False,
        help_text="E.164 with +, a short code of 3–8 digits, or a name of 1–11 characters "
        "(default: chosen from the carrier's sender pools)",
        style=on_form(
            "From", "E.164, a short code, or a name; empty: chosen from the sender pools."
        ),
    )
    body = SmsText(
        required=False,
        help_text="text of at most 10 segments: 1,530 GSM-7 septets or 670 UTF-16 units "
        f'(default "{DEFAULT_BODY}")',
        style=on_form("Text", initial=DEFAULT_BODY, rows=2),
    )
    via = serializers.ChoiceField(
        TestVia.choices,
        required=False,
        help_text="gateway (default while it is bound): as traffic goes; direct: by a bind of its "
        "own, which shows every step",
        style=on_form(
            "Via",
            "Direct binds on its own and shows every PDU.",
            choices=[("", "gateway while it is bound, else direct"), *TestVia.choices],
        ),
    )
    force = serializers.BooleanField(
        required=False,
        help_text="true: direct even beside the only bind that the carrier allows",
        style=on_form("Bind even beside the only one", "It may disturb live traffic."),
    )


class CarrierTestQuery(ListQuery):
    """The filter of the list."""

    status = serializers.ChoiceField(TestStatus.choices, required=False)
