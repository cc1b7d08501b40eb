"""/v1/me: who calls, and what they may do."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orbit.accounts.models import ApiKey
from orbit.accounts.organizations.representation import OrganizationAnswer, organization_data
from orbit.api.permissions import ANY_CALLER
from orbit.api.schema import documented
from orbit.api.views import ApiView


class PersonAnswer(serializers.Serializer):
    id = serializers.IntegerField()
    email = serializers.CharField()


class KeyBriefAnswer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()


class MeAnswer(serializers.Serializer):
    user = PersonAnswer(allow_null=True, help_text="the person, or the maker of the key")
    api_key = KeyBriefAnswer(allow_null=True)
    organization = OrganizationAnswer(allow_null=True)
    role = serializers.CharField(allow_null=True)
    scopes = serializers.ListField(child=serializers.CharField())
    is_operator = serializers.BooleanField()


class MeView(ApiView):
    scopes = {"GET": ANY_CALLER}
    organization_required = False

    @documented(
        summary="Who am I",
        description="The caller, and what it may do now.",
        answer=MeAnswer,
        example={
            "user": {"id": 1, "email": "ada@example.com"},
            "api_key": None,
            "organization": {"id": "org_0198f3a27b1c7d3e9a51c0ffee0ddba1", "name": "Example"},
            "role": "developer",
            "scopes": ["credentials:read", "credentials:write"],
            "is_operator": False,
        },
    )
    def get(self, request: Any) -> Any:
        caller = self.caller
        key = request.auth if isinstance(request.auth, ApiKey) else None
        user = key.made_by if key else request.auth.user
        return self.ok(
            {
                "user": {"id": user.pk, "email": user.email} if user else None,
                "api_key": {"id": key.pk, "name": key.name} if key else None,
                "organization": organization_data(caller.organization),
                "role": caller.role,
                "scopes": sorted(caller.scopes),
                "is_operator": caller.is_operator,
            }
        )
