"""The TLS settings of a credential: checks across fields, and the connection's TLS options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from messaging.credentials import pem
from messaging.credentials.models import Credential, TlsVerify
from messaging.net.tls import Tls
from orbit.api.errors import ApiError

_EXPECTED = {
    "tls_verify": "full or none, with tls: true",
    "tls_ca": "certificates in PEM or null, with tls: true",
    "tls_server_name": "a DNS name or IP address or null, with tls: true",
    "tls_certificate": "certificates in PEM, together with tls_key and tls: true, or null",
    "tls_key": "the private key of tls_certificate in PEM, with tls: true, or null",
}
_NEED_TLS = ("tls_ca", "tls_server_name", "tls_certificate", "tls_key")


def tls_of(credential: Credential) -> Tls | None:
    """TLS options of a connection to the carrier; None for plain TCP."""
    if not credential.tls:
        return None
    return Tls(
        server_name=credential.tls_server_name or credential.host,
        verify=credential.tls_verify == TlsVerify.FULL,
        authorities=credential.tls_ca or "",
        certificate=credential.tls_certificate or "",
        key=credential.tls_key or "",
    )


def without_orphaned_key(fields: Mapping[str, Any]) -> dict[str, Any]:
    """`fields` of a request; removing the certificate removes its key."""
    gone = "tls_certificate" in fields and fields["tls_certificate"] is None
    return {**fields, "tls_key": None} if gone and "tls_key" not in fields else dict(fields)


def check(fields: Mapping[str, Any], stored: Credential | None = None) -> None:
    """Check `fields` of a request together with the stored ones.

    Stored TLS fields that the request does not name stay valid while `tls` is false: they apply
    again once it is true. Raises VALIDATION_ERROR, MISSING_REQUIRED_FIELD.
    """

    def value(name: str) -> Any:
        return fields[name] if name in fields else getattr(stored, name, None)

    for name in _NEED_TLS:
        if fields.get(name) is not None and not value("tls"):
            raise _fault(name, "It has no meaning without TLS: set `tls` to true, or leave it out.")
    if fields.get("tls_verify") == TlsVerify.NONE and not value("tls"):
        raise _fault(
            "tls_verify", "It has no meaning without TLS: set `tls` to true, or leave it out."
        )
    if not {"tls_certificate", "tls_key"} & fields.keys():
        return
    certificate, key = value("tls_certificate"), value("tls_key")
    if certificate and not key:
        raise _fault("tls_key", "A `tls_certificate` needs its key.", code="MISSING_REQUIRED_FIELD")
    if key and not certificate:
        raise _fault(
            "tls_certificate", "A `tls_key` needs its certificate.", code="MISSING_REQUIRED_FIELD"
        )
    if key and (why := pem.key_mismatch(key, certificate)):
        raise _fault("tls_key", why)


def _fault(field: str, message: str, *, code: str = "VALIDATION_ERROR") -> ApiError:
    return ApiError(
        code,
        f"{field}: {message}",
        field=field,
        details={
            "expected": _EXPECTED[field],
            "errors": [{"field": field, "message": message}],
        },
    )
