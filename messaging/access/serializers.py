"""Each field of the access once: for bodies, answers, OpenAPI and the console's form."""

from __future__ import annotations

from rest_framework import serializers

from messaging.access.models import Access
from messaging.credentials.models import SyncState
from orbit.accounts.api_keys.serializers import NetworkField
from orbit.api.answers import AnswerSerializer, ResourceSerializer, TextOrNull
from orbit.api.serializers import on_form


class AccessPasswordSerializer(AnswerSerializer):
    """What is known of the password: never the password itself."""

    set_at = serializers.DateTimeField(source="password_set_at")
    revealable = serializers.BooleanField(help_text="whether a reveal would show it")
    revealed_at = serializers.DateTimeField(allow_null=True, source="password_revealed_at")

    def represent_revealable(self, access: Access) -> bool:
        return access.password_revealed_at is None


class AccessSyncSerializer(AnswerSerializer):
    state = serializers.ChoiceField(SyncState.choices, source="sync_state")
    error = TextOrNull(source="sync_error")
    synced_at = serializers.DateTimeField(allow_null=True)


class AccessSerializer(ResourceSerializer):
    """The body of PATCH, and the answer. A rotation takes no fields."""

    enabled = serializers.BooleanField(required=False, help_text="true or false (default)")
    host = serializers.CharField(
        read_only=True, allow_null=True, help_text="of the gateway's SMPP server"
    )
    port = serializers.IntegerField(read_only=True, allow_null=True)
    system_id = serializers.CharField(read_only=True, source="organization.gateway_key")
    max_bindings = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=100,
        help_text="sessions at a time, from 1 to 100 (default 2)",
        style=on_form("Sessions at a time", "1–100."),
    )
    throughput = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=1000,
        help_text="messages/s from 1 to 1000, or null for no limit (default)",
        style=on_form("Throughput", "Messages a second; empty: no limit."),
    )
    allowed_ips = serializers.ListField(
        child=NetworkField(max_length=43),
        max_length=100,
        required=False,
        help_text="addresses or CIDR from which its system_id may bind, at most 100; none "
        "(default): from anywhere. What counts is the address that the gateway sees: behind a NAT "
        "or a proxy, that one's. Sessions from elsewhere are ended",
        style=on_form(
            "May bind from",
            "Addresses or CIDR, as the gateway sees them; empty: from anywhere.",
            required=False,
        ),
    )
    tls = serializers.BooleanField(
        read_only=True,
        help_text="always false: this port is plain SMPP; operators can open one with TLS, too",
    )
    password = AccessPasswordSerializer(read_only=True, source="*")
    sync = AccessSyncSerializer(read_only=True, source="*")
    bound_sessions = serializers.IntegerField(read_only=True)
    submits_total = serializers.IntegerField(
        read_only=True,
        help_text="submit_sm that its binds have sent, refused ones too, as passes count them "
        "every 30 s; what came just before the gateway restarted is missing",
    )
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def represent_host(self, access: Access) -> str | None:
        return None  # `representation.represent` asks the gateway once for host and port

    def represent_port(self, access: Access) -> int | None:
        return None

    def represent_tls(self, access: Access) -> bool:
        return False  # unless an operator puts a proxy before it


class RevealedAccessSerializer(AnswerSerializer):
    password = serializers.CharField()
    revealed_at = serializers.DateTimeField()
