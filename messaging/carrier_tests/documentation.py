"""What OpenAPI says of the three routes: a decorator for each handler, and the answer's shape."""

from __future__ import annotations

from rest_framework import serializers

from messaging.carrier_tests.models import TestStatus, TestVia
from messaging.carrier_tests.serializers import CarrierTestSerializer
from messaging.credentials.documentation import SmppStatusAnswer
from messaging.serializer_fields import SenderIsFrom
from messaging.smpp.protocol.command_status import by_name
from orbit.api.schema import documented

STEPS = ["resolve", "connect", "tls", "bind", "submit", "receipt", "unbind"]


class StepAnswer(serializers.Serializer):
    step = serializers.ChoiceField(STEPS)
    ok = serializers.BooleanField()
    ms = serializers.IntegerField()
    detail = serializers.CharField()


class TestErrorAnswer(serializers.Serializer):
    __test__ = False

    cause = serializers.CharField(help_text="one word: wrong_password, connect_timeout, …")
    message = serializers.CharField()
    hint = serializers.CharField()


class PduAnswer(serializers.Serializer):
    direction = serializers.ChoiceField(["out", "in"])
    command = serializers.CharField()
    sequence = serializers.IntegerField()
    status = serializers.IntegerField()
    fields = serializers.DictField(help_text="passwords are blanked, here and in hex")
    hex = serializers.CharField()


class CarrierTestAnswer(SenderIsFrom, serializers.Serializer):
    id = serializers.CharField()
    carrier_id = serializers.CharField()
    credential_id = serializers.CharField()
    via = serializers.ChoiceField(TestVia.choices)
    force = serializers.BooleanField()
    to = serializers.CharField()
    sender = serializers.CharField()
    body = serializers.CharField()
    status = serializers.ChoiceField(TestStatus.choices)
    steps = StepAnswer(many=True)
    error = TestErrorAnswer(allow_null=True)
    smpp_status = SmppStatusAnswer(allow_null=True)
    message_id = serializers.CharField(allow_null=True)
    encoding = serializers.ChoiceField(["gsm7", "ucs2", "latin1", "ascii"])
    segments = serializers.IntegerField()
    pdus = PduAnswer(many=True)
    tls_verified = serializers.BooleanField(
        help_text="whether the bind that it went out by had checked the carrier's certificate"
    )
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


_DENIED = by_name("ESME_RINVPASWD")
_EXAMPLE = {
    "id": "ctst_0198f3a27b1c7d3e9a51c0ffee0ddba1",
    "carrier_id": "carr_0198f3a27b1c7d3e9a51c0ffee0ddba1",
    "credential_id": "cred_0198f3a27b1c7d3e9a51c0ffee0ddba1",
    "via": "direct",
    "force": False,
    "to": "+33612345678",
    "from": "ACME",
    "body": "Test message from Orbit",
    "status": "queued",
    "steps": [],
    "error": None,
    "smpp_status": None,
    "message_id": None,
    "encoding": "gsm7",
    "segments": 1,
    "pdus": [],
    "tls_verified": False,
    "created_at": "2026-03-08T12:00:00Z",
    "started_at": None,
    "finished_at": None,
}
_FAILED = _EXAMPLE | {
    "status": "failed",
    "steps": [
        {"step": "resolve", "ok": True, "ms": 8, "detail": "198.51.100.7"},
        {"step": "connect", "ok": True, "ms": 21, "detail": "198.51.100.7:2775"},
        {
            "step": "bind",
            "ok": False,
            "ms": 24,
            "detail": "the carrier answered the bind with ESME_RINVPASWD: Invalid password",
        },
    ],
    "error": {
        "cause": "wrong_password",
        "message": "the carrier answered the bind with ESME_RINVPASWD: Invalid password",
        "hint": _DENIED.hint,
    },
    "smpp_status": {
        "value": _DENIED.value,
        "name": _DENIED.name,
        "meaning": _DENIED.meaning,
        "hint": _DENIED.hint,
    },
    "pdus": [
        {
            "direction": "out",
            "command": "bind_transceiver",
            "sequence": 1,
            "status": 0,
            "fields": {
                "system_id": "acme",
                "password": "********",
                "interface_version": 52,
                "addr_ton": 0,
                "addr_npi": 0,
            },
            "hex": "0000002300000009000000000000000161636d65002a2a2a2a2a2a2a2a000034000000",
        },
        {
            "direction": "in",
            "command": "bind_transceiver_resp",
            "sequence": 1,
            "status": _DENIED.value,
            "fields": {},
            "hex": "00000010800000090000000e00000001",
        },
    ],
    "started_at": "2026-03-08T12:00:00Z",
    "finished_at": "2026-03-08T12:00:00Z",
}

test = documented(
    summary="Send a test message through a carrier",
    description="""The message is sent by a worker; read the test at `Location` until
`finished_at` is there. One test at a time per credential.

- `via: direct` binds to the carrier, submits, waits for the receipt and unbinds: each step is
  timed, each PDU is kept. Where the carrier allows one bind (`max_binds: 1`) and it is live, it
  needs `force: true`.
- `via: gateway` goes as traffic does, through this carrier alone. It is the default while the
  gateway's bind is up.

A failure names its cause, and what to do about it.""",
    request=CarrierTestSerializer,
    answer=CarrierTestAnswer,
    status=202,
    errors=[
        "NOT_FOUND",
        "MISSING_REQUIRED_FIELD",
        "INVALID_PHONE_NUMBER",
        "NO_ELIGIBLE_SENDER",
        "NO_ROUTE",
        "INVALID_STATE",
    ],
    request_example={"to": "+33612345678", "from": "ACME", "via": "direct"},
    example=_EXAMPLE,
)
listing = documented(
    summary="List the tests of a carrier",
    answer=CarrierTestAnswer,
    listed=True,
    errors=["NOT_FOUND", "INVALID_CURSOR"],
    example=_FAILED,
)
get = documented(
    summary="Get a test",
    description="Also while it runs: steps and PDUs come in one by one. The first 200 PDUs are "
    "kept; a test through the gateway has none.",
    answer=CarrierTestAnswer,
    errors=["NOT_FOUND"],
    example=_FAILED,
)
