"""What OpenAPI says of the routes: a decorator for each handler, and the answers' shapes."""

from __future__ import annotations

from rest_framework import serializers

from messaging.access.serializers import AccessSerializer
from messaging.credentials.models import SyncState
from orbit.api.schema import documented


class AccessPasswordAnswer(serializers.Serializer):
    set_at = serializers.DateTimeField()
    revealable = serializers.BooleanField(help_text="whether a reveal would show it")
    revealed_at = serializers.DateTimeField(allow_null=True)


class AccessSyncAnswer(serializers.Serializer):
    state = serializers.ChoiceField(SyncState.choices)
    error = serializers.CharField(allow_null=True)
    synced_at = serializers.DateTimeField(allow_null=True)


class AccessAnswer(serializers.Serializer):
    enabled = serializers.BooleanField()
    host = serializers.CharField(allow_null=True, help_text="of the gateway's SMPP server")
    port = serializers.IntegerField(allow_null=True)
    system_id = serializers.CharField()
    max_bindings = serializers.IntegerField()
    throughput = serializers.IntegerField(allow_null=True)
    tls = serializers.BooleanField(help_text="always false: plain SMPP")
    password = AccessPasswordAnswer()
    sync = AccessSyncAnswer()
    bound_sessions = serializers.IntegerField()
    submits_total = serializers.IntegerField(
        help_text="submit_sm that its binds have sent, refused ones too, as passes count them "
        "every 30 s; what came just before the gateway restarted is missing"
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class AccessRevealAnswer(serializers.Serializer):
    password = serializers.CharField()
    revealed_at = serializers.DateTimeField()


_NOW = "2026-03-08T12:00:00Z"
_EXAMPLE = {
    "enabled": True,
    "host": "smpp.gateway.example",
    "port": 2775,
    "system_id": "obmfzwi6dfmrsxe",
    "max_bindings": 2,
    "throughput": None,
    "tls": False,
    "password": {"set_at": _NOW, "revealable": True, "revealed_at": None},
    "sync": {"state": "synced", "error": None, "synced_at": _NOW},
    "bound_sessions": 1,
    "submits_total": 4211,
    "created_at": _NOW,
    "updated_at": _NOW,
}

get = documented(
    summary="Get the access",
    description="One bind for all carriers: your own platform binds to the gateway's SMPP server "
    "with this system_id, and its messages take your carriers in their order. It is off until you "
    "turn it on. Its messages are counted (`submits_total`) and not listed: they have no row in "
    "`/v1/messages`, no price, no sender check, no webhook event, and no part in campaigns and in "
    "the charts of the console. Receipts go to the bind.",
    answer=AccessAnswer,
    example=_EXAMPLE,
)
update = documented(
    summary="Change the access",
    description="Turning it off drops its sessions.",
    request=AccessSerializer,
    answer=AccessAnswer,
    errors=["PRECONDITION_FAILED", "INVALID_STATE"],
    request_example={"enabled": True, "max_bindings": 4},
    example=_EXAMPLE | {"max_bindings": 4},
)
reveal = documented(
    summary="Reveal the access's password, once",
    description="Each call is in the audit.",
    answer=AccessRevealAnswer,
    errors=["SECRET_ALREADY_REVEALED"],
    example={"password": "t7Rb2XqL", "revealed_at": _NOW},
)
rotate = documented(
    summary="Rotate the access's password",
    description="A new one is generated and takes effect at once; sessions of the old one are "
    "dropped. It can be revealed once. There is no body.",
    answer=AccessAnswer,
    errors=["PRECONDITION_FAILED", "INVALID_STATE"],
    example=_EXAMPLE | {"bound_sessions": 0},
)
