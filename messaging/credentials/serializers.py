"""Each field of a credential once: for bodies, answers, OpenAPI and the console's form."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from messaging.credentials import pem, validators
from messaging.credentials.answers import BindsSerializer, PasswordSerializer, SyncSerializer
from messaging.credentials.models import (
    BindState,
    BindType,
    Credential,
    InboundCharset,
    MessageIdFormat,
    SyncState,
    TlsVerify,
    default_addressing,
)
from messaging.credentials.serializer_fields import (
    HOST,
    AddressingSerializer,
    Backups,
    OneOf,
    Pem,
    Refused,
)
from messaging.serializer_fields import CheckedText, Tlvs
from orbit.api.answers import ResourceSerializer
from orbit.api.query_params import ListQuery
from orbit.api.serializers import on_form

CARRIER_TEXT = "printable ASCII characters without spaces at the edges, not `none`"
CONSOLE_TEXT = {"format": "carrier-text", "pattern": r"^([!-~]([ -~]*[!-~])?)?$"}


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
        openapi=HOST,
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
        openapi=CONSOLE_TEXT,
        max_length=validators.MAX_SYSTEM_ID,
        help_text=f"1–15 {CARRIER_TEXT}",
    )
    password = CheckedText(
        validators.password,
        openapi=CONSOLE_TEXT,
        max_length=validators.MAX_PASSWORD,
        write_only=True,
        help_text=f"1–16 {CARRIER_TEXT}; over 8 not every gateway can",
    )
    system_type = CheckedText(
        validators.system_type,
        openapi=CONSOLE_TEXT,
        required=False,
        allow_blank=True,
        max_length=validators.MAX_SYSTEM_TYPE,
        help_text=f"at most 12 {CARRIER_TEXT} (default empty)",
        style=on_form("System type"),
    )
    bind_type = serializers.ChoiceField(
        BindType.choices,
        required=False,
        help_text="transceiver (default), transmitter, receiver, or transmitter_receiver: pairs",
        style=on_form("Bind type"),
    )
    binds = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=validators.MAX_BINDS,
        help_text="binds side by side, from 1 to 10 (default 1); of pairs, so many pairs",
        style=on_form("Binds", "Side by side; of pairs, so many pairs."),
    )
    backups = Backups(
        required=False,
        style=on_form("Backups", "Further hosts of the account, a line each: b.example.com 2775"),
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
        openapi=HOST,
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
    inbound_charset = serializers.ChoiceField(
        InboundCharset.choices,
        required=False,
        help_text="gsm7 (default), latin1, ucs2 or ascii: what data_coding 0 means on texts of "
        "phones",
        style=on_form("Inbound alphabet", "Of texts of phones with data_coding 0."),
    )
    inbound_parts_timeout = serializers.IntegerField(
        required=False,
        min_value=60,
        max_value=86_400,
        help_text="seconds from 60 to 86400 (default 900) that parts of a phone's text wait for "
        "the others",
        style=on_form("Inbound parts wait", "Seconds, for the other parts of a phone's text."),
    )
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
        openapi=CONSOLE_TEXT,
        required=False,
        allow_blank=True,
        max_length=validators.MAX_ADDRESS_RANGE,
        help_text=f"at most 40 {CARRIER_TEXT} (default empty)",
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
    bind = BindsSerializer(read_only=True, source="observed")
    carriers = serializers.ListField(child=serializers.CharField(), read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def represent_addressing(self, credential: Credential) -> dict[str, Any]:
        # jsonb forgets the order of keys
        return {key: credential.addressing[key] for key in default_addressing()}

    def represent_tls_verified(self, credential: Credential) -> bool:
        """Whether the present bind has checked the carrier's certificate; false without a bind."""
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
            help_text="the password that is stored, as proof, to change host, port, backups, tls, "
            "tls_ca or tls_server_name, or tls_verify to none, without the scope "
            "credentials:reveal",
            style=on_form(
                "Current password",
                "Hosts, ports, TLS, and whose certificate is believed say where the stored "
                "password goes: to change them, an operator who may not reveal it has to know it.",
            ),
        )
        return fields


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
