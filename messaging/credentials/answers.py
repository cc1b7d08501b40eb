"""Parts of the answers about a credential that are never sent to us."""

from __future__ import annotations

from rest_framework import serializers

from messaging.credentials.models import BindState, Credential, SyncState
from orbit.api.answers import AnswerSerializer, TextOrNull


class PasswordSerializer(AnswerSerializer):
    """Of the password: never the password itself."""

    set_at = serializers.DateTimeField(source="password_set_at")
    revealable = serializers.BooleanField(help_text="whether a reveal would show one")
    revealed_at = serializers.DateTimeField(allow_null=True, source="password_revealed_at")
    staged_at = serializers.DateTimeField(allow_null=True)
    staged_revealed_at = serializers.DateTimeField(allow_null=True)

    def represent_revealable(self, credential: Credential) -> bool:
        unseen = credential.staged_at is not None and credential.staged_revealed_at is None
        return unseen or credential.password_revealed_at is None


class SyncSerializer(AnswerSerializer):
    """Of a CredentialStatus: how far the gateway has followed."""

    state = serializers.ChoiceField(SyncState.choices, source="sync_state")
    error = TextOrNull(source="sync_error")
    synced_at = serializers.DateTimeField(allow_null=True)
    gateway_id = TextOrNull()


class BindSerializer(AnswerSerializer):
    """Of a CredentialStatus: what the bind was last seen to do."""

    state = serializers.ChoiceField(BindState.choices, source="bind_state")
    since = serializers.DateTimeField(allow_null=True, source="bind_since")
    observed_at = serializers.DateTimeField(allow_null=True)
    error = TextOrNull(source="bind_error")


class SmppStatusSerializer(AnswerSerializer):
    value = serializers.IntegerField()
    name = serializers.CharField()
    meaning = serializers.CharField()
    hint = serializers.CharField()


class VerificationSerializer(AnswerSerializer):
    """The result of a trial bind."""

    optional_in_answers = ("tls_verified", "smpp_status")

    result = serializers.ChoiceField(["bound", "refused", "inconclusive", "skipped"])
    reason = serializers.CharField(allow_blank=True)
    tls_verified = serializers.BooleanField(
        help_text="with TLS: whether the certificate stood the check"
    )
    smpp_status = SmppStatusSerializer()


class RevealedPasswordSerializer(AnswerSerializer):
    password = serializers.CharField()
    revealed_at = serializers.DateTimeField()
    staged = serializers.BooleanField(help_text="true: generated, and not yet used by the bind")
