"""What signing in takes, and the tokens that it answers with."""

from __future__ import annotations

from rest_framework import serializers

from orbit.accounts.organizations.serializers import OrganizationSerializer
from orbit.accounts.sessions.services import ACCESS_LIFETIME, Tokens
from orbit.api.answers import AnswerSerializer
from orbit.api.serializers import StrictSerializer


class LoginSerializer(StrictSerializer):
    secret_fields = ("password", "code")

    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=1024)
    organization_id = serializers.CharField(
        required=False, max_length=40, help_text="the id of one of your organisations"
    )
    code = serializers.CharField(
        required=False,
        max_length=40,
        help_text="of the second factor, for those who have one: of the app, or a recovery code",
    )


class RefreshSerializer(StrictSerializer):
    secret_fields = ("refresh_token",)

    refresh_token = serializers.CharField(max_length=200)


class TokensSerializer(AnswerSerializer):
    """`sessions.Tokens` with the person's role, which the view adds."""

    access_token = serializers.CharField(source="access")
    refresh_token = serializers.CharField(source="refresh")
    token_type = serializers.ChoiceField(choices=["Bearer"])
    expires_in = serializers.IntegerField(help_text="seconds")
    organization = OrganizationSerializer(source="session.organization", allow_null=True)
    role = serializers.CharField(allow_null=True)

    def represent_token_type(self, tokens: Tokens) -> str:
        return "Bearer"

    def represent_expires_in(self, tokens: Tokens) -> int:
        return int(ACCESS_LIFETIME.total_seconds())

    def represent_role(self, tokens: Tokens) -> None:
        return None
