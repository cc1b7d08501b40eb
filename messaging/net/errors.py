"""Why a connection was not made, or ended."""

from __future__ import annotations

import errno
import ssl


class LinkError(Exception):
    """The connection failed or broke off. The message names the peer and the cause."""


class ConnectRefused(LinkError):
    """Nothing listens there (or a firewall says so)."""


class ConnectTimedOut(LinkError):
    """No answer to the TCP handshake: usually a firewall that drops."""


class Unreachable(LinkError):
    """No route to the address, or the network is down."""


class TlsError(LinkError):
    """TCP works, TLS does not."""


class TlsHandshakeError(TlsError):
    """The peer speaks no TLS, or no version or cipher that this side accepts."""


class TlsCertificateError(TlsError):
    """The peer's certificate fails the check."""


class TlsUnknownAuthority(TlsCertificateError):
    """The certificate's chain ends at no trusted authority."""


class TlsWrongName(TlsCertificateError):
    """The certificate is for another name."""


class TlsExpired(TlsCertificateError):
    """A certificate of the chain has expired or is not valid yet."""


class TlsClientCertificateError(TlsError):
    """The peer wants a client certificate, and got none or one that it does not accept."""


class TlsOwnCertificateError(TlsError):
    """Our client certificate or its key can't be used; nothing was sent."""


class ConnectionLost(LinkError):
    """Closed or reset by the peer."""


class NoAnswer(LinkError):
    """The deadline passed. Bytes that were received are kept: the caller may read on."""


class BadStream(LinkError):
    """The peer sends bytes that are not SMPP."""


def describe_os_error(error: OSError) -> str:
    """The error of the system or of OpenSSL as text for people."""
    if isinstance(error, ssl.SSLError):
        reason = error.reason or str(error)
        if reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"):
            return "the answer is no TLS: a port without TLS?"
        return reason.lower().replace("_", " ")
    if error.errno in errno.errorcode:
        return errno.errorcode[error.errno] + ": " + (error.strerror or "")
    return str(error)
