"""Connections to carriers: TCP or TLS to an address that was checked, whole PDUs in and out.

The only place that opens sockets to carriers.
Errors are LinkError and its children; their messages name the peer and the true cause.
"""

from __future__ import annotations

import socket
import ssl
from ipaddress import ip_address

from messaging.net.errors import (
    BadStream,
    ConnectionLost,
    ConnectRefused,
    ConnectTimedOut,
    Deadline,
    LinkError,
    NoAnswer,
    Unreachable,
    words,
)
from messaging.net.tls import Tls, client_certificate_refused, start_tls
from messaging.smpp.protocol.pdu import Framer, PduError


class Link:
    """An open connection that sends and reads whole PDUs. Not for use by two threads at once."""

    def __init__(self, sock: socket.socket, peer: str) -> None:
        self.peer = peer
        self._sock = sock
        self._framer = Framer()

    def send(self, raw: bytes, *, deadline: Deadline) -> None:
        """Raises ConnectionLost, NoAnswer (the peer does not read), TlsClientCertificateError."""
        try:
            _arm(self._sock, deadline)
            self._sock.sendall(raw)
        except TimeoutError:
            raise NoAnswer(f"{self.peer} does not take data") from None
        except OSError as error:
            raise self._lost(self._said_before(error)) from None

    def read(self, *, deadline: Deadline) -> bytes:
        """The next whole PDU. Raises ConnectionLost, NoAnswer, BadStream,
        TlsClientCertificateError."""
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
            raise self._lost(error) from None
        if not data:
            where = " in the middle of a PDU" if self._framer.holds_a_piece else ""
            raise ConnectionLost(f"connection closed by {self.peer}{where}")
        return data

    def _lost(self, error: OSError) -> LinkError:
        """In TLS 1.3 the handshake is over before the peer has judged our certificate."""
        refused = client_certificate_refused(error, self.peer)
        return refused or ConnectionLost(f"connection to {self.peer} lost ({words(error)})")

    def _said_before(self, error: OSError) -> OSError:
        """What the peer said before it closed the connection, if it says more than `error`."""
        try:
            self._sock.settimeout(0)
            self._sock.recv(1)
        except ssl.SSLError as said:
            return said
        except OSError:
            pass
        return error

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
    tls: Tls | None = None,
) -> Link:
    """Connect to `address` (an IP address that the host policy has passed, never a name).

    With `tls`, see `start_tls`. Raises ConnectRefused, ConnectTimedOut, Unreachable, TlsError.
    """
    sock = open_tcp(address=address, port=port, deadline=deadline)
    peer = peer_name(address, port)
    if tls:
        sock = start_tls(sock, tls, peer=peer, deadline=deadline)
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
        raise Unreachable(f"{peer} cannot be reached ({words(error)})") from None
    return sock


def _arm(sock: socket.socket, deadline: Deadline) -> None:
    """Give the next call on `sock` what is left; a timeout of 0 would mean non-blocking."""
    left = deadline.left()
    if left <= 0:
        raise TimeoutError
    sock.settimeout(left)
