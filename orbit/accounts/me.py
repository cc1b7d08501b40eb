"""/v1/me: the caller, and its rights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from orbit.accounts.models import ApiKey, Organization, User
from orbit.accounts.organizations.serializers import OrganizationSerializer
from orbit.api.answers import AnswerSerializer
from orbit.api.permissions import ANY_CALLER
from orbit.api.schema import documented
from orbit.api.views import ApiView


@dataclass(frozen=True)
class Me:
    """The caller; `user` is the maker of `api_key`, if it is one that calls."""

    user: User | None
    api_key: ApiKey | None
    organization: Organization | None
    role: str | None
    scopes: list[str]
    is_operator: bool


class PersonSerializer(AnswerSerializer):
    id = serializers.IntegerField()
    email = serializers.CharField()


class KeyBriefSerializer(AnswerSerializer):
    id = serializers.CharField()
    name = serializers.CharField()


class MeSerializer(AnswerSerializer):
    user = PersonSerializer(allow_null=True, help_text="the person, or the maker of the key")
    api_key = KeyBriefSerializer(allow_null=True)
    organization = OrganizationSerializer(allow_null=True)
    role = serializers.CharField(allow_null=True)
    scopes = serializers.ListField(child=serializers.CharField())
    is_operator = serializers.BooleanField()


class MeView(ApiView):
    scopes = {"GET": ANY_CALLER}
    organization_required = False

    @documented(
        summary="Who am I",
        description="The caller, and what it may do now.",
        answer=MeSerializer,
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
        me = Me(
            user=key.made_by if key else request.auth.user,
            api_key=key,
            organization=caller.organization,
            role=caller.role,
            scopes=sorted(caller.scopes),
            is_operator=caller.is_operator,
        )
        return self.ok(MeSerializer.represent(me))
