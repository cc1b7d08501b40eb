"""Why a connection to a carrier was not made, or ended; and how long one may take."""

from __future__ import annotations

import errno
import ssl
import time
from dataclasses import dataclass


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


@dataclass(frozen=True)
class Deadline:
    """A moment on the monotonic clock that several waits share."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """Seconds until then, at least 0."""
        return max(0.0, self.at - time.monotonic())

    def within(self, seconds: float) -> Deadline:
        """This deadline or `seconds` from now, whichever comes first."""
        return Deadline(min(self.at, time.monotonic() + seconds))
