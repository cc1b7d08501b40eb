"""Read-only parts of a credential's answer."""

from __future__ import annotations

from rest_framework import serializers

from messaging.credentials.models import BindState, BindType, Credential, SyncState
from orbit.api.answers import AnswerSerializer, TextOrNull


class PasswordSerializer(AnswerSerializer):
    """What is known of the password: never the password itself."""

    set_at = serializers.DateTimeField(source="password_set_at")
    revealable = serializers.BooleanField(help_text="whether a reveal would show one")
    revealed_at = serializers.DateTimeField(allow_null=True, source="password_revealed_at")
    staged_at = serializers.DateTimeField(allow_null=True)
    staged_revealed_at = serializers.DateTimeField(allow_null=True)

    def represent_revealable(self, credential: Credential) -> bool:
        unseen = credential.staged_at is not None and credential.staged_revealed_at is None
        return unseen or credential.password_revealed_at is None


class SyncSerializer(AnswerSerializer):
    """`sync` of a CredentialStatus: how far the gateway has followed."""

    state = serializers.ChoiceField(SyncState.choices, source="sync_state")
    error = TextOrNull(source="sync_error")
    synced_at = serializers.DateTimeField(allow_null=True)
    gateway_id = TextOrNull()


class BindSerializer(AnswerSerializer):
    """`bind` of a CredentialStatus: the state of its binds as last observed."""

    state = serializers.ChoiceField(
        BindState.choices,
        source="bind_state",
        help_text="bound: one is up that can send, or that receives where all are receivers",
    )
    since = serializers.DateTimeField(allow_null=True, source="bind_since")
    observed_at = serializers.DateTimeField(allow_null=True)
    error = TextOrNull(
        source="bind_error", help_text="why it is down, or why some of its binds are"
    )
    bound = serializers.IntegerField(help_text="how many of its binds are up")
    of = serializers.IntegerField(
        source="credential.sessions_wanted", help_text="how many there are to be; a pair is two"
    )


class SessionSerializer(AnswerSerializer):
    """One bind, as the status has it."""

    bind_type = serializers.ChoiceField(
        [BindType.TRANSCEIVER, BindType.TRANSMITTER, BindType.RECEIVER]
    )
    host = serializers.CharField(help_text="that of the credential, or of one of its backups")
    port = serializers.IntegerField()
    state = serializers.ChoiceField([BindState.BOUND, BindState.BINDING, BindState.UNBOUND])
    since = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField(allow_null=True, help_text="why its last try failed")


class BindsSerializer(BindSerializer):
    """`bind` with each of the binds."""

    sessions = SessionSerializer(
        many=True, help_text="each bind; empty while none is known, and on a gateway that can't say"
    )


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
