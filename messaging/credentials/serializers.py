"""Each field of a credential once: for bodies, answers, OpenAPI and the console's form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from messaging.credentials import pem, validators
from messaging.credentials.models import (
    BindState,
    BindType,
    Credential,
    MessageIdFormat,
    SyncState,
    TlsVerify,
    default_addressing,
)
from messaging.serializer_fields import CheckedText, Tlvs
from orbit.api.answers import AnswerSerializer, ResourceSerializer, TextOrNull
from orbit.api.query_params import ListQuery
from orbit.api.serializers import StrictSerializer, on_form

_CARRIER_TEXT = "printable ASCII characters without spaces at the edges, not `none`"
_CONSOLE = {"format": "carrier-text", "pattern": r"^([!-~]([ -~]*[!-~])?)?$"}
_HOST = {"format": "public-host", "pattern": r"^[!-~]+$"}


class OneOf(serializers.IntegerField):
    """One of a few numbers."""

    def __init__(self, numbers: tuple[int, ...], **options: Any) -> None:
        listed = ", ".join(map(str, numbers))
        options.setdefault("help_text", f"one of: {listed}")
        super().__init__(**options)
        self.numbers = numbers
        self.openapi = {"enum": list(numbers)}

    def to_internal_value(self, data: Any) -> int:
        number = super().to_internal_value(data)
        if number not in self.numbers:
            raise serializers.ValidationError(f"Must be {self.help_text}.")
        return number


@extend_schema_field(
    {
        "type": "array",
        "format": "ton-npi",
        "items": {"type": "integer", "minimum": 0, "maximum": max(validators.NPIS)},
        "minItems": 2,
        "maxItems": 2,
        "example": [1, 1],
    }
)
class TonNpi(serializers.ListField):
    """A `[TON, NPI]` pair."""

    child = serializers.IntegerField()

    def to_internal_value(self, data: Any) -> list[int]:
        try:
            return validators.ton_npi(data)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None


class Refused(serializers.Field):
    """A field that exists, but not here: the message says where."""

    def __init__(self, message: str) -> None:
        super().__init__(required=False, write_only=True, help_text=message)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is serializers.empty:
            raise serializers.SkipField
        raise serializers.ValidationError(self.help_text)


class AddressingSerializer(StrictSerializer):
    """[TON, NPI] by type of sender; what is left out stays as it is."""

    long_code = TonNpi(required=False, help_text="[TON, NPI] of senders in E.164")
    short_code = TonNpi(required=False, help_text="[TON, NPI] of short codes")
    alphanumeric = TonNpi(required=False, help_text="[TON, NPI] of names as senders")
    destination = TonNpi(required=False, help_text="[TON, NPI] of destinations")
    plus = serializers.BooleanField(
        required=False, help_text="true if the carrier wants a + before international numbers"
    )


class Pem(CheckedText):
    """Certificates or a key in PEM; null for none."""

    openapi = {"format": "pem"}

    def __init__(self, check: Callable[[str], str], **options: Any) -> None:
        super().__init__(check, **{"required": False, "allow_null": True} | options)


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


class CredentialSerializer(ResourceSerializer):
    """The body of POST, and the answer."""

    # Taken as `password` is text, answered is what is known of it.
    answered_as = {"password_facts": "password"}
    # A key may have been pasted where certificates go.
    secret_fields = ("password", "current_password", "tls_ca", "tls_certificate", "tls_key")

    id = serializers.CharField(read_only=True)
    name = CheckedText(
        validators.name,
        openapi={"format": "printable"},
        required=False,
        max_length=validators.MAX_NAME,
        help_text="text of 1–64 printable characters (default: system_id@host)",
        style=on_form("Name"),
    )
    host = CheckedText(
        validators.host,
        openapi=_HOST,
        max_length=validators.MAX_HOST,
        help_text="a DNS name or IP address that is public, without scheme and port",
        style=on_form("Host", "A public DNS name or IP address."),
    )
    port = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=65535,
        help_text="a whole number from 1 to 65535 (default 2775)",
        style=on_form("Port"),
    )
    system_id = CheckedText(
        validators.system_id,
        openapi=_CONSOLE,
        max_length=validators.MAX_SYSTEM_ID,
        help_text=f"1–15 {_CARRIER_TEXT}",
    )
    password = CheckedText(
        validators.password,
        openapi=_CONSOLE,
        max_length=validators.MAX_PASSWORD,
        write_only=True,
        help_text=f"1–16 {_CARRIER_TEXT}; over 8 not every gateway can",
    )
    system_type = CheckedText(
        validators.system_type,
        openapi=_CONSOLE,
        required=False,
        allow_blank=True,
        max_length=validators.MAX_SYSTEM_TYPE,
        help_text=f"at most 12 {_CARRIER_TEXT} (default empty)",
        style=on_form("System type"),
    )
    bind_type = serializers.ChoiceField(
        BindType.choices, required=False, style=on_form("Bind type")
    )
    tls = serializers.BooleanField(
        required=False,
        help_text="true or false (default): whether the connection is encrypted",
        style=on_form("TLS"),
    )
    tls_verify = serializers.ChoiceField(
        TlsVerify.choices,
        required=False,
        help_text="full (default): the carrier's certificate has to come from a trusted authority "
        "and to be for tls_server_name; none: it is not looked at",
        style=on_form(
            "Carrier's certificate",
            choices=(
                (TlsVerify.FULL, "Its chain and its name are checked"),
                (TlsVerify.NONE, "Not checked"),
            ),
        ),
    )
    tls_ca = Pem(
        pem.certificates,
        help_text="certificates in PEM that a chain may end at, instead of the system's "
        "authorities; a self-signed certificate is its own. null (default): the system's",
        style=on_form("Authorities", "PEM; empty: those of the system."),
    )
    tls_server_name = CheckedText(
        validators.server_name,
        openapi=_HOST,
        required=False,
        allow_null=True,
        max_length=validators.MAX_HOST,
        help_text="the name that the certificate is for, where it is not host; null (default): "
        "host",
        style=on_form("Name in the certificate", "Empty: the host."),
    )
    tls_certificate = Pem(
        pem.certificates,
        help_text="a certificate of yours in PEM, and behind it those that issued it, for carriers "
        "that ask for one; goes with tls_key. null (default): none",
        style=on_form(
            "Own certificate",
            "PEM, for carriers that ask for one; those that issued it behind it. Empty: none, and "
            "its key goes too.",
        ),
    )
    tls_key = Pem(
        pem.key,
        write_only=True,
        help_text="the private key of tls_certificate in PEM, without a passphrase; stored "
        "encrypted, and never shown",
        style=on_form(
            "Key of the own certificate",
            "PEM without a passphrase. It is never shown; empty: as it is.",
        ),
    )
    throughput = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=1000,
        help_text="messages/s from 1 to 1000, or null for no limit (default 50)",
        style=on_form("Throughput", "Messages a second; empty: no limit."),
    )
    window = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=100,
        help_text="submits in flight, from 1 to 100 (default 10)",
        style=on_form("Window", "Submits in flight."),
    )
    enquire_link_interval = serializers.IntegerField(
        required=False,
        min_value=5,
        max_value=300,
        help_text="seconds from 5 to 300 (default 30)",
        style=on_form("Enquire link", "Seconds between two enquire_link."),
    )
    max_binds = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=100,
        help_text="binds that the carrier allows, from 1 to 100, or null for unknown (default)",
        style=on_form("Binds that the carrier allows", "Empty: unknown."),
    )
    message_id_format = serializers.ChoiceField(
        MessageIdFormat.choices, required=False, style=on_form("Message ids in receipts")
    )
    gsm_data_coding = OneOf((0, 1, 3), required=False)
    tlvs = Tlvs(
        required=False,
        style=on_form(
            "TLVs", "On every submit, a line for each: 0x1400 cstring 1101234560000012345"
        ),
    )
    bind_ton = OneOf(validators.TONS, required=False)
    bind_npi = OneOf(validators.NPIS, required=False)
    address_range = CheckedText(
        validators.address_range,
        openapi=_CONSOLE,
        required=False,
        allow_blank=True,
        max_length=validators.MAX_ADDRESS_RANGE,
        help_text=f"at most 40 {_CARRIER_TEXT} (default empty)",
    )
    addressing = AddressingSerializer(required=False)
    enabled = serializers.BooleanField(required=False, help_text="true (default) or false")
    tls_verified = serializers.BooleanField(
        read_only=True,
        help_text="whether the bind that is up now has checked the carrier's certificate; never "
        "with `tls_verify: none`, nor on a gateway that can't",
    )
    password_facts = PasswordSerializer(read_only=True, source="*")
    sync = SyncSerializer(read_only=True, source="observed")
    bind = BindSerializer(read_only=True, source="observed")
    carriers = serializers.ListField(child=serializers.CharField(), read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def represent_addressing(self, credential: Credential) -> dict[str, Any]:
        # jsonb forgets the order of keys
        return {key: credential.addressing[key] for key in default_addressing()}

    def represent_tls_verified(self, credential: Credential) -> bool:
        """Of the bind that is up now; without one, nothing is verified."""
        status = credential.observed
        return status.bind_state == BindState.BOUND and status.tls_verified

    def represent_carriers(self, credential: Credential) -> list[str]:
        """`representation.with_carriers` fills them in, for a page at once."""
        return []


@extend_schema_serializer(exclude_fields=["system_id", "password"])
class CredentialPatchSerializer(CredentialSerializer):
    """The body of PATCH; to be used with `partial=True`."""

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        # Assigned, not declared, so that they keep their places in the order of faults.
        fields["system_id"] = Refused(
            "Can't be changed: another system_id is another account at the carrier. "
            "Add a new credential for it, and delete this one."
        )
        fields["password"] = Refused(
            "Can't be changed here: a password that the carrier does not know yet would drop the "
            "bind. Use POST …/rotate, which tries it first."
        )
        fields["current_password"] = serializers.CharField(
            required=False,
            write_only=True,
            trim_whitespace=False,
            max_length=64,
            help_text="the password that is stored, as proof, to change host, port, tls, tls_ca or "
            "tls_server_name, or tls_verify to none, without the scope credentials:reveal",
            style=on_form(
                "Current password",
                "Host, port, TLS, and whose certificate is believed say where the stored password "
                "goes: to change them, an operator who may not reveal it has to know it.",
            ),
        )
        return fields


class RotateSerializer(StrictSerializer):
    """The body of rotate: a password, or `activate`, or `discard`, or nothing (stage one)."""

    secret_fields = ("password",)

    password = CheckedText(
        validators.password,
        openapi=_CONSOLE,
        required=False,
        max_length=validators.MAX_PASSWORD,
        help_text=f"1–16 {_CARRIER_TEXT}; over 8 not every gateway can",
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


class RotatedCredentialSerializer(CredentialSerializer):
    """The answer to rotate."""

    optional_in_answers = ("verification",)

    verification = VerificationSerializer(
        read_only=True, help_text="left out where nothing reaches the bind"
    )


class RevealedPasswordSerializer(AnswerSerializer):
    password = serializers.CharField()
    revealed_at = serializers.DateTimeField()
    staged = serializers.BooleanField(help_text="true: generated, and not yet used by the bind")


class CredentialQuery(ListQuery):
    """The filters of the list."""

    sync_state = serializers.ChoiceField(SyncState.choices, required=False)
    bind_state = serializers.ChoiceField(BindState.choices, required=False)
    enabled = serializers.BooleanField(required=False)
    q = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=100,
        help_text="text in the name, the host or the system_id",
    )
