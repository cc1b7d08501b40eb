"""/v1/audit-events: what was done in the organisation, by whom."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from orbit.accounts.models import AuditEvent
from orbit.api.envelope import timestamp
from orbit.api.filters import made
from orbit.api.pagination import paginate
from orbit.api.query_params import ListQuery
from orbit.api.schema import documented
from orbit.api.views import ApiView
from orbit.api.whole_values import any_equal


class AuditQuery(ListQuery):
    action = serializers.CharField(required=False, max_length=64, help_text="credential.revealed")
    target = serializers.CharField(required=False, max_length=254, help_text="an id")
    actor = serializers.CharField(
        required=False, max_length=254, help_text="id or name of who did it"
    )
    created_after = serializers.DateTimeField(required=False)
    created_before = serializers.DateTimeField(required=False)


class ActorAnswer(serializers.Serializer):
    type = serializers.CharField(help_text="api_key, user, operator, system or command")
    id = serializers.CharField()
    name = serializers.CharField()


class AuditEventAnswer(serializers.Serializer):
    id = serializers.CharField()
    seq = serializers.IntegerField(help_text="its place in the organisation's chain")
    action = serializers.CharField()
    target = serializers.CharField()
    outcome = serializers.ChoiceField(choices=AuditEvent.Outcome.values)
    changes = serializers.ListField(
        child=serializers.CharField(), help_text="names of fields, never values"
    )
    detail = serializers.CharField()
    actor = ActorAnswer()
    address = serializers.CharField()
    user_agent = serializers.CharField()
    request_id = serializers.CharField()
    mac = serializers.CharField(help_text="HMAC over this row and the one before")
    created_at = serializers.DateTimeField()


class AuditEventsView(ApiView):
    scopes = {"GET": "audit:read"}
    query = {"GET": AuditQuery}

    @documented(
        summary="List audit events",
        answer=AuditEventAnswer,
        listed=True,
        errors=["INVALID_CURSOR"],
        example={
            "id": "aud_0198f3a27b1c7d3e9a51c0ffee0ddba1",
            "seq": 42,
            "action": "credential.revealed",
            "target": "cred_0198f3a27b1c7d3e9a51c0ffee0ddba1",
            "outcome": "ok",
            "changes": [],
            "detail": "",
            "actor": {"type": "user", "id": "1", "name": "ada@example.com"},
            "address": "198.51.100.7",
            "user_agent": "curl/8.5.0",
            "request_id": "req_0198f3a27b1c7d3e9a51c0ffee0ddba1",
            "mac": "5f1d…",
            "created_at": "2026-03-08T12:00:00Z",
        },
    )
    def get(self, request: Any) -> Any:
        events = AuditEvent.objects.filter(organization_id=self.caller.organization.pk)
        return paginate(self, _matching(events, self.params), _render)


def _matching(events: QuerySet[AuditEvent], params: dict[str, Any]) -> QuerySet[AuditEvent]:
    for name in ("action", "target"):
        if name in params:
            events = events.filter(**{name: params[name]})
    if "actor" in params:
        events = events.filter(any_equal(events, ("actor_id", "actor_name"), params["actor"]))
    after, before = params.get("created_after"), params.get("created_before")
    return events.filter(made("aud", after=after, before=before, column="at"))


def _render(event: AuditEvent) -> dict[str, Any]:
    return {
        "id": event.pk,
        "seq": event.seq,
        "action": event.action,
        "target": event.target,
        "outcome": event.outcome,
        "changes": event.changes,
        "detail": event.detail,
        "actor": {"type": event.actor_type, "id": event.actor_id, "name": event.actor_name},
        "address": event.address,
        "user_agent": event.user_agent,
        "request_id": event.request_id,
        "mac": event.mac,
        "created_at": timestamp(event.at),
    }
