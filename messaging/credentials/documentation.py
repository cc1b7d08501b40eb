"""What OpenAPI says of the seven routes: a decorator for each handler, and the answers' shapes."""

from __future__ import annotations

from rest_framework import serializers

from messaging.credentials.models import (
    BindState,
    BindType,
    MessageIdFormat,
    SyncState,
    TlsVerify,
)
from messaging.credentials.serializers import (
    AddressingSerializer,
    CredentialPatchSerializer,
    CredentialSerializer,
    RotateSerializer,
)
from messaging.serializer_fields import Tlvs
from orbit.api.schema import documented


class PasswordAnswer(serializers.Serializer):
    set_at = serializers.DateTimeField()
    revealable = serializers.BooleanField(help_text="whether a reveal would show one")
    revealed_at = serializers.DateTimeField(allow_null=True)
    staged_at = serializers.DateTimeField(allow_null=True)
    staged_revealed_at = serializers.DateTimeField(allow_null=True)


class SyncAnswer(serializers.Serializer):
    state = serializers.ChoiceField(SyncState.choices)
    error = serializers.CharField(allow_null=True)
    synced_at = serializers.DateTimeField(allow_null=True)
    gateway_id = serializers.CharField(allow_null=True)


class BindAnswer(serializers.Serializer):
    state = serializers.ChoiceField(BindState.choices)
    since = serializers.DateTimeField(allow_null=True)
    observed_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField(allow_null=True)


class CredentialAnswer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    host = serializers.CharField()
    port = serializers.IntegerField()
    system_id = serializers.CharField()
    system_type = serializers.CharField()
    bind_type = serializers.ChoiceField(BindType.choices)
    tls = serializers.BooleanField()
    tls_verify = serializers.ChoiceField(TlsVerify.choices)
    tls_ca = serializers.CharField(allow_null=True, help_text="null: the system's authorities")
    tls_server_name = serializers.CharField(allow_null=True, help_text="null: `host`")
    tls_certificate = serializers.CharField(
        allow_null=True, help_text="null: none; else its `tls_key` is there too, and never shown"
    )
    throughput = serializers.IntegerField(allow_null=True)
    window = serializers.IntegerField()
    enquire_link_interval = serializers.IntegerField()
    max_binds = serializers.IntegerField(allow_null=True)
    message_id_format = serializers.ChoiceField(MessageIdFormat.choices)
    gsm_data_coding = serializers.IntegerField()
    tlvs = Tlvs()
    bind_ton = serializers.IntegerField()
    bind_npi = serializers.IntegerField()
    address_range = serializers.CharField()
    addressing = AddressingSerializer()
    enabled = serializers.BooleanField()
    tls_verified = serializers.BooleanField(
        help_text="whether the bind that is up now has checked the carrier's certificate; never "
        "with `tls_verify: none`, nor on a gateway that can't"
    )
    password = PasswordAnswer()
    sync = SyncAnswer()
    bind = BindAnswer()
    carriers = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class SmppStatusAnswer(serializers.Serializer):
    value = serializers.IntegerField()
    name = serializers.CharField()
    meaning = serializers.CharField()
    hint = serializers.CharField()


class VerificationAnswer(serializers.Serializer):
    result = serializers.ChoiceField(["bound", "refused", "inconclusive", "skipped"])
    reason = serializers.CharField(allow_blank=True)
    tls_verified = serializers.BooleanField(
        required=False, help_text="with TLS: whether the certificate stood the check"
    )
    smpp_status = SmppStatusAnswer(required=False)


class RotatedCredentialAnswer(CredentialAnswer):
    verification = VerificationAnswer(
        required=False, help_text="left out where nothing reaches the bind"
    )


class RevealAnswer(serializers.Serializer):
    password = serializers.CharField()
    revealed_at = serializers.DateTimeField()
    staged = serializers.BooleanField(help_text="true: generated, and not yet used by the bind")


_NOW = "2026-03-08T12:00:00Z"
_EXAMPLE = {
    "id": "cred_0198f3a27b1c7d3e9a51c0ffee0ddba1",
    "name": "Orange FR",
    "host": "smpp.carrier.example",
    "port": 2775,
    "system_id": "acme",
    "system_type": "",
    "bind_type": "transceiver",
    "tls": False,
    "tls_verify": "full",
    "tls_ca": None,
    "tls_server_name": None,
    "tls_certificate": None,
    "throughput": 50,
    "window": 10,
    "enquire_link_interval": 30,
    "max_binds": None,
    "message_id_format": "same",
    "gsm_data_coding": 0,
    "tlvs": [],
    "bind_ton": 0,
    "bind_npi": 0,
    "address_range": "",
    "addressing": {
        "long_code": [1, 1],
        "short_code": [3, 0],
        "alphanumeric": [5, 0],
        "destination": [1, 1],
        "plus": False,
    },
    "enabled": True,
    "tls_verified": False,
    "password": {
        "set_at": _NOW,
        "revealable": True,
        "revealed_at": None,
        "staged_at": None,
        "staged_revealed_at": None,
    },
    "sync": {
        "state": "synced",
        "error": None,
        "synced_at": _NOW,
        "gateway_id": "gw_0198f3a27b1c7d3e9a51c0ffee0ddba1",
    },
    "bind": {"state": "bound", "since": _NOW, "observed_at": _NOW, "error": None},
    "carriers": [],
    "created_at": _NOW,
    "updated_at": _NOW,
}
_ONE = ("NOT_FOUND", "PRECONDITION_FAILED")

listing = documented(
    summary="List credentials",
    answer=CredentialAnswer,
    listed=True,
    errors=["INVALID_CURSOR"],
    example=_EXAMPLE,
)
create = documented(
    summary="Add a credential",
    description="It is bound in the gateway about a second later; `sync` and `bind` say how far "
    "it is. A host that resolves to an address that is not public is refused.\n\n"
    "With `tls` the carrier's certificate is checked: its chain has to end at an authority of the "
    "system or of `tls_ca`, and it has to be for `tls_server_name` (else `host`). What fails is "
    "named in `bind.error`, with the fix. `tls_verify: none` checks nothing.\n\n"
    "A password of over 8 characters, a client certificate and `tlvs` need a gateway that runs "
    "through our launcher; on another one `sync.error` says what it can't.",
    request=CredentialSerializer,
    answer=CredentialAnswer,
    status=201,
    errors=["MISSING_REQUIRED_FIELD", "DUPLICATE_CREDENTIAL"],
    request_example={
        "name": "Orange FR",
        "host": "smpp.carrier.example",
        "system_id": "acme",
        "password": "s3cr3t",
    },
    example=_EXAMPLE,
)
get = documented(
    summary="Get a credential", answer=CredentialAnswer, errors=["NOT_FOUND"], example=_EXAMPLE
)
update = documented(
    summary="Change a credential",
    description="`host`, `port`, `tls`, `tls_ca`, `tls_server_name`, and `tls_verify: none` need "
    "the scope `credentials:reveal` or the stored password as `current_password`, since they say "
    "to whom the password is sent. `tls_certificate` and `tls_key` go together; null takes both "
    "away. `tlvs` replaces the list. `addressing` is laid over "
    "the stored one. `name` and `max_binds` alone do not touch the gateway.",
    request=CredentialPatchSerializer,
    answer=CredentialAnswer,
    errors=[*_ONE, "DUPLICATE_CREDENTIAL", "CREDENTIAL_IN_USE", "INVALID_STATE"],
    request_example={"port": 2776, "throughput": 100},
    example=_EXAMPLE | {"port": 2776, "throughput": 100},
)
delete = documented(
    summary="Delete a credential",
    description="Gone from reads at once, and from the gateway with its next pass.",
    status=204,
    errors=[*_ONE, "CREDENTIAL_IN_USE"],
)
reveal = documented(
    summary="Reveal the password, once",
    description="A staged password that was not shown comes first. Each call is in the audit.",
    answer=RevealAnswer,
    errors=["NOT_FOUND", "SECRET_ALREADY_REVEALED"],
    example={"password": "s3cr3t", "revealed_at": _NOW, "staged": False},
)
rotate = documented(
    summary="Rotate the password",
    description="""One of:

- `{"password": "…"}`: tries it at the carrier by one bind; refused: 422 and nothing is changed,
  else the bind switches to it. `verify: false` does not ask.
- `{}`: generates a password and stages it; traffic keeps the old one. Reveal it, set it at the
  carrier, then
- `{"activate": true}`: tries the staged one, and switches. `{"discard": true}` drops it.

Where the carrier allows one bind (`max_binds: 1`) and it is live, nothing is tried without
`force: true`. A switch to the password in use changes nothing.""",
    request=RotateSerializer,
    answer=RotatedCredentialAnswer,
    errors=[*_ONE, "BIND_VERIFICATION_FAILED", "INVALID_STATE"],
    request_example={"password": "n3w-one"},
    example=_EXAMPLE | {"verification": {"result": "bound", "reason": ""}},
)
