"""TLS to a carrier, from PEM in memory.

With `tls_verify` `full` the chain and the name are checked; with `none` the traffic is encrypted,
and nothing is checked.
"""

from __future__ import annotations

import re
from typing import Any

from OpenSSL import SSL, crypto
from service_identity import VerificationError
from twisted.internet import ssl
from twisted.internet._sslverify import IOpenSSLTrustRoot
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from zope.interface import implementer

from reconciler.launcher.lane.carrier_settings import CarrierSettings

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
OLD_CIPHERS = "DEFAULT:@SECLEVEL=1"  # for old SMSCs with short keys, where nothing is checked


def creator(settings: CarrierSettings) -> Any:
    """The connection creator for Twisted. Raises ValueError that names what can't be read."""
    try:
        return _creator(settings)
    except SSL.Error:
        raise ValueError("tls_key is not the key of tls_certificate") from None


def _creator(settings: CarrierSettings) -> Any:
    name = settings.tls_server_name or settings.host
    own = _client(settings)
    if settings.tls_verify == "none":
        return _Unchecked(name, ssl.CertificateOptions(verify=False, **own))
    trust = _authorities(settings.tls_ca)
    return ssl.optionsForClientTLS(name, trust, extraCertificateOptions=own)


def why(error: BaseException) -> str:
    """Why a handshake failed, in words; "" if the error is no TLS error."""
    if isinstance(error, VerificationError):
        return "TLS: the carrier's certificate is for another name"
    if not isinstance(error, SSL.Error):
        return ""
    reasons = [str(each[-1]) for each in (error.args[0] if error.args else ()) if each]
    text = ", ".join(reasons) or "the handshake failed"
    if "wrong version number" in text or "record layer failure" in text:
        text = "the answer is no TLS: a port without TLS?"
    return f"TLS: {text}"


def _client(settings: CarrierSettings) -> dict[str, Any]:
    """Our own certificate and key."""
    if not settings.tls_certificate:
        return {}
    first, *others = _certificates(settings.tls_certificate, "tls_certificate")
    try:
        key = crypto.load_privatekey(crypto.FILETYPE_PEM, settings.tls_key.encode(), b"")
    except crypto.Error:
        raise ValueError("tls_key is no PEM of a private key without a passphrase") from None
    return {"privateKey": key, "certificate": first, "extraCertChain": others}


def _authorities(pem: str) -> Any:
    if not pem:
        return ssl.platformTrust()
    return _Authorities(_certificates(pem, "tls_ca"))


def _certificates(pem: str, name: str) -> list[crypto.X509]:
    try:
        found = [
            crypto.load_certificate(crypto.FILETYPE_PEM, each.encode())
            for each in _CERTIFICATE.findall(pem)
        ]
    except crypto.Error:
        found = []
    if not found:
        raise ValueError(f"{name} is no PEM of a certificate")
    return found


@implementer(IOpenSSLTrustRoot)
class _Authorities:
    """Trusts these certificates alone: roots, intermediates, or the carrier's own certificate."""

    def __init__(self, certificates: list[crypto.X509]) -> None:
        self._certificates = certificates

    def _addCACertsToContext(self, context: SSL.Context) -> None:  # noqa: N802 - Twisted's name
        store = context.get_cert_store()
        store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)
        for each in self._certificates:
            store.add_cert(each)


@implementer(IOpenSSLClientConnectionCreator)
class _Unchecked:
    """Encrypts and checks nothing."""

    def __init__(self, name: str, options: ssl.CertificateOptions) -> None:
        self._name = name
        self._context = options.getContext()
        self._context.set_cipher_list(OLD_CIPHERS.encode())

    def clientConnectionForTLS(self, protocol: Any) -> SSL.Connection:  # noqa: N802
        connection = SSL.Connection(self._context, None)
        if not _is_address(self._name):
            connection.set_tlsext_host_name(self._name.encode("idna"))
        return connection


def _is_address(name: str) -> bool:
    return ":" in name or name.replace(".", "").isdigit()
