"""Why a connection was not made, or ended."""

from __future__ import annotations

import errno
import ssl


class LinkError(Exception):
    """The connection could not be made or used."""


class ConnectRefused(LinkError):
    """Nothing listens there (or a firewall says so)."""


class ConnectTimedOut(LinkError):
    """No answer to the TCP handshake: usually a firewall that drops."""


class Unreachable(LinkError):
    """No way there: no route, network down."""


class TlsError(LinkError):
    """TCP works, TLS does not."""


class TlsHandshakeError(TlsError):
    """The peer speaks no TLS, or no version or cipher that we take."""


class TlsCertificateError(TlsError):
    """The peer's certificate does not stand the check."""


class TlsUnknownAuthority(TlsCertificateError):
    """Its chain ends at no authority that is trusted."""


class TlsWrongName(TlsCertificateError):
    """It is for another name."""


class TlsExpired(TlsCertificateError):
    """Its time, or that of one in its chain, is over or has not come."""


class TlsClientCertificateError(TlsError):
    """The peer wants a certificate of ours, and has none or not one that it takes."""


class TlsOwnCertificateError(TlsError):
    """Certificate and key of ours can't be used; nothing was sent."""


class ConnectionLost(LinkError):
    """Closed or reset by the peer."""


class NoAnswer(LinkError):
    """The deadline passed. Bytes that came are kept: reading may go on."""


class BadStream(LinkError):
    """What the peer sends is no SMPP."""


def words(error: OSError) -> str:
    """What the system or OpenSSL says, in words."""
    if isinstance(error, ssl.SSLError):
        reason = error.reason or str(error)
        if reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"):
            return "the answer is no TLS: a port without TLS?"
        return reason.lower().replace("_", " ")
    if error.errno in errno.errorcode:
        return errno.errorcode[error.errno] + ": " + (error.strerror or "")
    return str(error)
