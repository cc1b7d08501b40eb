"""Each field of a member once."""

from __future__ import annotations

from rest_framework import serializers

from orbit.accounts.models import Member, Role
from orbit.api.answers import ResourceSerializer
from orbit.api.serializers import on_form


class OrganizationMemberSerializer(ResourceSerializer):
    """The body of POST, the answer, and the console's form."""

    id = serializers.IntegerField(read_only=True, source="user_id", help_text="the person's")
    email = serializers.EmailField(max_length=254, style=on_form("E-mail address"))
    role = serializers.ChoiceField(choices=Role.values, style=on_form("Role"))
    created_at = serializers.DateTimeField(read_only=True)
    accepted_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="when they first signed in here; null: not yet"
    )

    def represent_email(self, member: Member) -> str:
        return member.user.email


class MemberRoleSerializer(ResourceSerializer):
    """The body of PATCH."""

    role = serializers.ChoiceField(choices=Role.values)
