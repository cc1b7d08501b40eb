"""SMPP over one connection to a carrier, plain or TLS: whole PDUs in and out.

Errors are LinkError and its children; their messages name the peer and the cause.
"""

from __future__ import annotations

import socket
import ssl

from messaging.net.deadline import Deadline
from messaging.net.errors import BadStream, ConnectionLost, LinkError, NoAnswer, describe_os_error
from messaging.net.tcp import arm, open_tcp, peer_name
from messaging.net.tls import Tls, client_certificate_refused, start_tls
from messaging.smpp.protocol.pdu import Framer, PduError


class Link:
    """An open connection that sends and reads whole PDUs. For one thread at a time."""

    def __init__(self, sock: socket.socket, peer: str) -> None:
        self.peer = peer
        self._sock = sock
        self._framer = Framer()

    def send(self, raw: bytes, *, deadline: Deadline) -> None:
        """Raises ConnectionLost, NoAnswer (the peer does not read), TlsClientCertificateError."""
        try:
            arm(self._sock, deadline)
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
            arm(self._sock, deadline)
            data = self._sock.recv(65536)
        except TimeoutError:
            raise NoAnswer(f"no answer from {self.peer}") from None
        except OSError as error:
            raise self._lost(error) from None
        if not data:
            where = " in the middle of a PDU" if self._framer.has_partial_pdu else ""
            raise ConnectionLost(f"connection closed by {self.peer}{where}")
        return data

    def _lost(self, error: OSError) -> LinkError:
        """ConnectionLost, or the peer's alert about our certificate (in TLS 1.3 it comes after the
        handshake)."""
        refused = client_certificate_refused(error, self.peer)
        return refused or ConnectionLost(
            f"connection to {self.peer} lost ({describe_os_error(error)})"
        )

    def _said_before(self, error: OSError) -> OSError:
        """A TLS alert that the peer sent before it closed the connection, else `error`."""
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
    """Connect to `address` (an IP address that the host policy allows, never a name).

    With `tls`, see `start_tls`. Raises ConnectRefused, ConnectTimedOut, Unreachable, TlsError.
    """
    sock = open_tcp(address=address, port=port, deadline=deadline)
    peer = peer_name(address, port)
    if tls:
        sock = start_tls(sock, tls, peer=peer, deadline=deadline)
    return Link(sock, peer)
