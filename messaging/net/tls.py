"""TLS of outgoing connections: the handshake, certificate checks, and why it failed."""

from __future__ import annotations

import os
import socket
import ssl
from dataclasses import dataclass, field

from messaging.net.deadline import Deadline
from messaging.net.errors import (
    TlsCertificateError,
    TlsClientCertificateError,
    TlsError,
    TlsExpired,
    TlsHandshakeError,
    TlsOwnCertificateError,
    TlsUnknownAuthority,
    TlsWrongName,
    describe_os_error,
)

# X509_V_ERR_… of OpenSSL (x509_vfy.h).
_KINDS: dict[int, type[TlsCertificateError]] = {
    2: TlsUnknownAuthority,  # UNABLE_TO_GET_ISSUER_CERT
    7: TlsUnknownAuthority,  # CERT_SIGNATURE_FAILURE: another authority of the same name
    9: TlsExpired,  # CERT_NOT_YET_VALID
    10: TlsExpired,  # CERT_HAS_EXPIRED
    18: TlsUnknownAuthority,  # DEPTH_ZERO_SELF_SIGNED_CERT
    19: TlsUnknownAuthority,  # SELF_SIGNED_CERT_IN_CHAIN
    20: TlsUnknownAuthority,  # UNABLE_TO_GET_ISSUER_CERT_LOCALLY
    21: TlsUnknownAuthority,  # UNABLE_TO_VERIFY_LEAF_SIGNATURE
    62: TlsWrongName,  # HOSTNAME_MISMATCH
    64: TlsWrongName,  # IP_ADDRESS_MISMATCH
}
# Alerts about our certificate (RFC 8446 §6.2), by OpenSSL's names.
_ABOUT_OUR_CERTIFICATE = frozenset(
    {
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_NO_CERTIFICATE",
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "TLSV1_ALERT_UNKNOWN_CA",
        "TLSV1_ALERT_ACCESS_DENIED",
    }
)


@dataclass(frozen=True)
class Tls:
    """How a connection is encrypted, and what is checked.

    - `server_name`: sent as SNI; with `verify` also the name that the certificate has to be for.
    - `authorities`: trusted certificates in PEM; "" = the system's.
    - `certificate`, `key`: our client certificate in PEM, for peers that ask for one; "" = none.
    """

    server_name: str
    verify: bool = True
    authorities: str = ""
    certificate: str = ""
    key: str = field(default="", repr=False)


def start_tls(sock: socket.socket, tls: Tls, *, peer: str, deadline: Deadline) -> ssl.SSLSocket:
    """TLS over `sock`, which the result replaces; closed on failure. Raises TlsError."""
    try:
        return _handshake(sock, tls, deadline)
    except TimeoutError:
        raise TlsHandshakeError(f"no answer from {peer} to the TLS handshake") from None
    except ssl.SSLCertVerificationError as error:
        kind = _KINDS.get(error.verify_code, TlsCertificateError)
        raise kind(f"certificate of {peer}: {error.verify_message}") from None
    except (ssl.SSLEOFError, ConnectionError):
        raise TlsHandshakeError(
            f"{peer} closed the connection during the TLS handshake (a port without TLS?)"
        ) from None
    except OSError as error:
        raise client_certificate_refused(error, peer) or TlsHandshakeError(
            f"TLS handshake with {peer} failed ({describe_os_error(error)})"
        ) from None


def client_certificate_refused(error: OSError, peer: str) -> TlsError | None:
    """The peer's alert about our certificate, if `error` is one."""
    if not isinstance(error, ssl.SSLError) or error.reason not in _ABOUT_OUR_CERTIFICATE:
        return None
    if error.reason == "TLSV13_ALERT_CERTIFICATE_REQUIRED":
        return TlsClientCertificateError(f"{peer} asks for a client certificate, and there is none")
    return TlsClientCertificateError(
        f"{peer} does not take the client certificate ({describe_os_error(error)})"
    )


def _handshake(sock: socket.socket, tls: Tls, deadline: Deadline) -> ssl.SSLSocket:
    """Closes the connection on any error."""
    try:
        sock = _context(tls).wrap_socket(
            sock, server_hostname=tls.server_name, do_handshake_on_connect=False
        )
        left = deadline.left()
        if left <= 0:
            raise TimeoutError
        sock.settimeout(left)
        sock.do_handshake()
    except BaseException:
        sock.close()
        raise
    return sock


def _context(tls: Tls) -> ssl.SSLContext:
    if tls.verify:
        context = ssl.create_default_context(cadata=tls.authorities or None)
        if tls.authorities:
            # An intermediate certificate may be trusted itself, without its root.
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    else:
        context = _unchecked_context()
    if tls.certificate:
        _load_client_certificate(context, tls)
    return context


def _unchecked_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # Python's default list lacks RSA key exchange and short keys, which Jasmin accepts and old
    # SMSCs need: a trial bind must not fail where the gateway's bind works.
    context.set_ciphers("DEFAULT:@SECLEVEL=1")
    return context


def _load_client_certificate(context: ssl.SSLContext, tls: Tls) -> None:
    """Load our client certificate. OpenSSL reads the key from a path, so it is put into a file in
    memory and never on disk."""
    memory = os.memfd_create("tls")
    try:
        os.write(memory, f"{tls.key}\n{tls.certificate}\n".encode())
        context.load_cert_chain(f"/proc/self/fd/{memory}")
    except ssl.SSLError as error:
        raise TlsOwnCertificateError(
            f"`tls_certificate` and `tls_key` can't be used ({describe_os_error(error)})"
        ) from None
    finally:
        os.close(memory)
