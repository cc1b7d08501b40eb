"""/v1/audit-events: who did what in the organisation."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from orbit.accounts.audit.serializers import AuditEventSerializer, AuditQuery
from orbit.accounts.models import AuditEvent
from orbit.api.filters import any_equal, made_between
from orbit.api.pagination import paginate
from orbit.api.schema import documented
from orbit.api.views import ApiView


class AuditEventsView(ApiView):
    scopes = {"GET": "audit:read"}
    query = {"GET": AuditQuery}

    @documented(
        summary="List audit events",
        answer=AuditEventSerializer,
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
        return paginate(self, _matching(events, self.params), AuditEventSerializer.represent)


def _matching(events: QuerySet[AuditEvent], params: dict[str, Any]) -> QuerySet[AuditEvent]:
    for name in ("action", "target"):
        if name in params:
            events = events.filter(**{name: params[name]})
    if "actor" in params:
        events = events.filter(any_equal(events, ("actor_id", "actor_name"), params["actor"]))
    after, before = params.get("created_after"), params.get("created_before")
    return events.filter(made_between("aud", after=after, before=before, column="at"))
