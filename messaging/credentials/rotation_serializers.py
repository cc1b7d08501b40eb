"""The body of a rotation, and its answer."""

from __future__ import annotations

from rest_framework import serializers

from messaging.credentials import validators
from messaging.credentials.answers import VerificationSerializer
from messaging.credentials.serializers import CARRIER_TEXT, CONSOLE_TEXT, CredentialSerializer
from messaging.serializer_fields import CheckedText
from orbit.api.serializers import StrictSerializer


class RotateSerializer(StrictSerializer):
    """The body of rotate: a password, or `activate`, or `discard`, or nothing (stage one)."""

    secret_fields = ("password",)

    password = CheckedText(
        validators.password,
        openapi=CONSOLE_TEXT,
        required=False,
        max_length=validators.MAX_PASSWORD,
        help_text=f"1–16 {CARRIER_TEXT}; over 8 not every gateway can",
    )
    verify = serializers.BooleanField(
        required=False, help_text="true (default): ask the carrier by a trial bind first"
    )
    force = serializers.BooleanField(
        required=False, help_text="true: try even beside the only bind that the carrier allows"
    )
    activate = serializers.BooleanField(required=False, help_text="true: use the staged password")
    discard = serializers.BooleanField(required=False, help_text="true: drop the staged password")

    def validate(self, attrs: dict) -> dict:
        activate, discard = attrs.get("activate"), attrs.get("discard")
        asked = [name for name in ("password", "activate", "discard") if attrs.get(name)]
        if len(asked) > 1:
            raise serializers.ValidationError(
                {asked[1]: f"Can't be together with {asked[0]}: send one of the two."}
            )
        if "password" not in attrs and not activate:
            why = "discarding" if discard else "staging a generated password"
            for name in ("verify", "force"):
                if name in attrs:
                    raise serializers.ValidationError(
                        {name: f"There is no trial bind when {why}: leave it out."}
                    )
        return attrs


class RotatedCredentialSerializer(CredentialSerializer):
    """The answer to rotate."""

    optional_in_answers = ("verification",)

    verification = VerificationSerializer(
        read_only=True, help_text="left out where nothing reaches the bind"
    )
