"""What OpenAPI says of the seven routes: a decorator for each handler."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from messaging.credentials.answers import RevealedPasswordSerializer
from messaging.credentials.models import BindState, Credential, CredentialStatus, SyncState
from messaging.credentials.rotation_serializers import RotatedCredentialSerializer, RotateSerializer
from messaging.credentials.serializers import CredentialPatchSerializer, CredentialSerializer
from orbit.api.schema import documented

_NOW = "2026-03-08T12:00:00Z"
_MOMENT = datetime(2026, 3, 8, 12, tzinfo=UTC)


def _example() -> dict[str, Any]:
    """A credential with what its model presets."""
    credential = Credential(
        id="cred_0198f3a27b1c7d3e9a51c0ffee0ddba1",
        name="Orange FR",
        host="smpp.carrier.example",
        system_id="acme",
        password_set_at=_MOMENT,
        created_at=_MOMENT,
        updated_at=_MOMENT,
    )
    credential.status = CredentialStatus(
        gateway_id="gw_0198f3a27b1c7d3e9a51c0ffee0ddba1",
        sync_state=SyncState.SYNCED,
        synced_at=_MOMENT,
        bind_state=BindState.BOUND,
        bind_since=_MOMENT,
        observed_at=_MOMENT,
        bound=1,
        sessions=[
            {
                "bind_type": "transceiver",
                "host": credential.host,
                "port": credential.port,
                "state": "bound",
                "since": _NOW,
                "error": None,
            }
        ],
    )
    return CredentialSerializer.represent(credential)


_EXAMPLE = _example()
_ONE = ("NOT_FOUND", "PRECONDITION_FAILED")

listing = documented(
    summary="List credentials",
    answer=CredentialSerializer,
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
    "`binds` are side by side, on one account: they share `throughput` and `window`, and receipts "
    "and texts come by any. `transmitter_receiver` makes pairs; each is two of `bind.of`. A bind "
    "goes to `host`, and where that does not answer to the first of `backups` that does; it comes "
    "home later. Where the carrier takes fewer, `bind.error` says how many.\n\n"
    "A password of over 8 characters, a client certificate, `tlvs`, several binds, pairs and "
    "backups need a gateway that runs through our launcher; on another one `sync.error` says what "
    "it can't.",
    request=CredentialSerializer,
    answer=CredentialSerializer,
    status=201,
    errors=["MISSING_REQUIRED_FIELD", "QUOTA_EXCEEDED", "DUPLICATE_CREDENTIAL"],
    request_example={
        "name": "Orange FR",
        "host": "smpp.carrier.example",
        "system_id": "acme",
        "password": "s3cr3t",
    },
    example=_EXAMPLE,
)
get = documented(
    summary="Get a credential", answer=CredentialSerializer, errors=["NOT_FOUND"], example=_EXAMPLE
)
update = documented(
    summary="Change a credential",
    description="`host`, `port`, `backups`, `tls`, `tls_ca`, `tls_server_name`, and "
    "`tls_verify: none` need "
    "the scope `credentials:reveal` or the stored password as `current_password`, since they say "
    "to whom the password is sent. `tls_certificate` and `tls_key` go together; null takes both "
    "away. `tlvs` and `backups` replace the list. `addressing` is laid over "
    "the stored one. `name` alone does not touch the gateway. Binds are made anew one after "
    "another: with several some are up all the time, and with one a second is made first, where "
    "the carrier allows it (`max_binds`).",
    request=CredentialPatchSerializer,
    answer=CredentialSerializer,
    errors=[*_ONE, "DUPLICATE_CREDENTIAL", "CREDENTIAL_IN_USE", "INVALID_STATE"],
    request_example={"port": 2776, "throughput": 100},
    example=_EXAMPLE,
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
    answer=RevealedPasswordSerializer,
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

Where all binds that the carrier allows (`max_binds`) are live, nothing is tried without
`force: true`. A switch to the password in use changes nothing. 429 with
`Retry-After` after too many passwords that the carrier refused, or was not asked about.""",
    request=RotateSerializer,
    answer=RotatedCredentialSerializer,
    errors=[*_ONE, "BIND_VERIFICATION_FAILED", "INVALID_STATE"],
    request_example={"password": "n3w-one"},
    example=_EXAMPLE | {"verification": {"result": "bound", "reason": ""}},
)
