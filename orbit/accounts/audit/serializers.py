"""The fields of an audit event, and the filters of the list."""

from __future__ import annotations

from rest_framework import serializers

from orbit.accounts.models import AuditEvent
from orbit.api.answers import AnswerSerializer
from orbit.api.query_params import ListQuery


class AuditQuery(ListQuery):
    action = serializers.CharField(required=False, max_length=64, help_text="credential.revealed")
    target = serializers.CharField(required=False, max_length=254, help_text="an id")
    actor = serializers.CharField(
        required=False, max_length=254, help_text="id or name of who did it"
    )
    created_after = serializers.DateTimeField(required=False)
    created_before = serializers.DateTimeField(required=False)


class ActorSerializer(AnswerSerializer):
    type = serializers.CharField(
        source="actor_type", help_text="api_key, user, operator, system or command"
    )
    id = serializers.CharField(source="actor_id")
    name = serializers.CharField(source="actor_name")


class AuditEventSerializer(AnswerSerializer):
    id = serializers.CharField()
    seq = serializers.IntegerField(help_text="its place in the organisation's chain")
    action = serializers.CharField()
    target = serializers.CharField()
    outcome = serializers.ChoiceField(choices=AuditEvent.Outcome.values)
    changes = serializers.ListField(
        child=serializers.CharField(), help_text="names of fields, never values"
    )
    detail = serializers.CharField()
    actor = ActorSerializer(source="*")
    address = serializers.CharField()
    user_agent = serializers.CharField()
    request_id = serializers.CharField()
    mac = serializers.CharField(help_text="HMAC over this row and the one before")
    created_at = serializers.DateTimeField(source="at")
