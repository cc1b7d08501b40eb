"""Connections to carriers: TCP or TLS to an address that was checked, whole PDUs in and out.

The only place that opens sockets to carriers.
Errors are LinkError and its children; their messages name the peer and the true cause.
"""

from __future__ import annotations

import errno
import socket
import ssl
import time
from dataclasses import dataclass
from ipaddress import ip_address

from messaging.smpp.protocol.pdu import Framer, PduError


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


class ConnectionLost(LinkError):
    """Closed or reset by the peer."""


class NoAnswer(LinkError):
    """The deadline passed. Bytes that came are kept: reading may go on."""


class BadStream(LinkError):
    """What the peer sends is no SMPP."""


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


class Link:
    """An open connection that sends and reads whole PDUs. Not for use by two threads at once."""

    def __init__(self, sock: socket.socket, peer: str) -> None:
        self.peer = peer
        self._sock = sock
        self._framer = Framer()

    def send(self, raw: bytes, *, deadline: Deadline) -> None:
        """Raises ConnectionLost, NoAnswer (the peer does not read)."""
        try:
            _arm(self._sock, deadline)
            self._sock.sendall(raw)
        except TimeoutError:
            raise NoAnswer(f"{self.peer} does not take data") from None
        except OSError as error:
            raise ConnectionLost(f"connection to {self.peer} lost ({_words(error)})") from None

    def read(self, *, deadline: Deadline) -> bytes:
        """The next whole PDU. Raises ConnectionLost, NoAnswer, BadStream."""
        while True:
            try:
                raw = self._framer.next()
            except PduError as error:
                raise BadStream(f"{self.peer} sends what is no SMPP: {error}") from None
            if raw is not None:
                return raw
            self._framer.feed(self._receive(deadline))

    def _receive(self, deadline: Deadline) -> bytes:
        try:
            _arm(self._sock, deadline)
            data = self._sock.recv(65536)
        except TimeoutError:
            raise NoAnswer(f"no answer from {self.peer}") from None
        except OSError as error:
            raise ConnectionLost(f"connection to {self.peer} lost ({_words(error)})") from None
        if not data:
            where = " in the middle of a PDU" if self._framer.holds_a_piece else ""
            raise ConnectionLost(f"connection closed by {self.peer}{where}")
        return data

    def close(self) -> None:
        self._sock.close()

    def __enter__(self) -> Link:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def open_link(
    *,
    address: str,
    port: int,
    deadline: Deadline,
    tls: bool = False,
    verify: bool = False,
    server_hostname: str | None = None,
) -> Link:
    """Connect to `address` (an IP address that the host policy has passed, never a name).

    With `tls`, see `start_tls`. Raises ConnectRefused, ConnectTimedOut, Unreachable, TlsError.
    """
    sock = open_tcp(address=address, port=port, deadline=deadline)
    peer = peer_name(address, port)
    if tls:
        sock = start_tls(
            sock, peer=peer, deadline=deadline, verify=verify, server_hostname=server_hostname
        )
    return Link(sock, peer)


def peer_name(address: str, port: int) -> str:
    """`192.0.2.1:2775`, `[2001:db8::1]:2775`."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def open_tcp(*, address: str, port: int, deadline: Deadline) -> socket.socket:
    """A TCP connection with TCP_NODELAY (SMPP PDUs are small and wait for answers)."""
    ip = ip_address(address)  # ValueError for a name: those must be resolved and judged first
    peer = peer_name(address, port)
    sock = socket.socket(socket.AF_INET6 if ip.version == 6 else socket.AF_INET)
    try:
        _arm(sock, deadline)
        sock.connect((address, port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except TimeoutError:
        sock.close()
        raise ConnectTimedOut(f"no answer from {peer} to the TCP connection") from None
    except ConnectionRefusedError:
        sock.close()
        raise ConnectRefused(f"connection refused by {peer}") from None
    except OSError as error:
        sock.close()
        raise Unreachable(f"{peer} cannot be reached ({_words(error)})") from None
    return sock


def start_tls(
    sock: socket.socket,
    *,
    peer: str,
    deadline: Deadline,
    verify: bool = False,
    server_hostname: str | None = None,
) -> ssl.SSLSocket:
    """TLS over `sock`, which is taken over and closed on failure.

    `verify=False` encrypts and checks nothing, as Jasmin does. `verify=True` checks the chain
    against the system's authorities and the name against `server_hostname`, the customer's host.
    Raises TlsCertificateError, TlsHandshakeError.
    """
    try:
        return _handshake(sock, deadline, server_hostname if verify else None, verify=verify)
    except TimeoutError:
        raise TlsHandshakeError(f"no answer from {peer} to the TLS handshake") from None
    except ssl.SSLCertVerificationError as error:
        raise TlsCertificateError(f"certificate of {peer}: {error.verify_message}") from None
    except (ssl.SSLEOFError, ConnectionError):
        raise TlsHandshakeError(
            f"{peer} closed the connection during the TLS handshake (a port without TLS?)"
        ) from None
    except OSError as error:
        raise TlsHandshakeError(f"TLS handshake with {peer} failed ({_words(error)})") from None


def _handshake(
    sock: socket.socket, deadline: Deadline, server_hostname: str | None, *, verify: bool
) -> ssl.SSLSocket:
    """Closes the connection whatever goes wrong."""
    try:
        if verify and not server_hostname:
            raise ValueError("verify needs server_hostname")
        context = ssl.create_default_context() if verify else _unchecked_context()
        sock = context.wrap_socket(
            sock, server_hostname=server_hostname, do_handshake_on_connect=False
        )
        _arm(sock, deadline)
        sock.do_handshake()
    except BaseException:
        sock.close()
        raise
    return sock


def _unchecked_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # Python's default list leaves out RSA key exchange and short keys, which Jasmin takes and old
    # SMSCs need; a trial must not fail where the real bind works.
    context.set_ciphers("DEFAULT:@SECLEVEL=1")
    return context


def _arm(sock: socket.socket, deadline: Deadline) -> None:
    """Give the next call on `sock` what is left; a timeout of 0 would mean non-blocking."""
    left = deadline.left()
    if left <= 0:
        raise TimeoutError
    sock.settimeout(left)


def _words(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        reason = error.reason or str(error)
        if reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"):
            return "the answer is no TLS: a port without TLS?"
        return reason.lower().replace("_", " ")
    if error.errno in errno.errorcode:
        return errno.errorcode[error.errno] + ": " + (error.strerror or "")
    return str(error)
