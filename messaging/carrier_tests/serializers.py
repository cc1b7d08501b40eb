"""Each field of a test: of its body, its answer, OpenAPI and the console's form."""

from __future__ import annotations

from rest_framework import serializers

from messaging.carrier_tests.models import CarrierTest, TestStatus, TestVia
from messaging.credentials.answers import SmppStatusSerializer
from messaging.serializer_fields import PhoneNumber, Sender, SenderIsFrom, SmsText
from orbit.api.answers import AnswerSerializer, TextOrNull
from orbit.api.query_params import ListQuery
from orbit.api.serializers import StrictSerializer, on_form

STEPS = ["resolve", "connect", "tls", "bind", "submit", "receipt", "unbind"]
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


class StepSerializer(AnswerSerializer):
    step = serializers.ChoiceField(STEPS)
    ok = serializers.BooleanField()
    ms = serializers.IntegerField()
    detail = serializers.CharField()


class TestErrorSerializer(AnswerSerializer):
    __test__ = False  # no test class of pytest's

    cause = serializers.CharField(help_text="one word: wrong_password, connect_timeout, …")
    message = serializers.CharField(source="error")
    hint = serializers.CharField()


class PduSerializer(AnswerSerializer):
    direction = serializers.ChoiceField(["out", "in"])
    command = serializers.CharField()
    sequence = serializers.IntegerField()
    status = serializers.IntegerField()
    fields = serializers.DictField(help_text="passwords are blanked, here and in hex")
    hex = serializers.CharField()


class CarrierTestAnswerSerializer(SenderIsFrom, AnswerSerializer):
    """A test, also while it runs."""

    id = serializers.CharField()
    carrier_id = serializers.CharField()
    credential_id = serializers.CharField()
    via = serializers.ChoiceField(TestVia.choices)
    force = serializers.BooleanField()
    to = serializers.CharField()
    sender = serializers.CharField()
    body = serializers.CharField()
    status = serializers.ChoiceField(TestStatus.choices)
    steps = StepSerializer(many=True)
    error = TestErrorSerializer(allow_null=True)
    smpp_status = SmppStatusSerializer(allow_null=True)
    message_id = TextOrNull()
    encoding = serializers.ChoiceField(["gsm7", "ucs2", "latin1", "ascii"])
    segments = serializers.IntegerField()
    pdus = PduSerializer(many=True)
    tls_verified = serializers.BooleanField(
        help_text="whether the bind that it went out by had checked the carrier's certificate"
    )
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)

    def represent_error(self, test: CarrierTest) -> dict[str, str] | None:
        return TestErrorSerializer.represent(test) if test.cause else None


class CarrierTestQuery(ListQuery):
    """The filter of the list."""

    status = serializers.ChoiceField(TestStatus.choices, required=False)
