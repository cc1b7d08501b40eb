"""HTTP over a connection that the caller opens, within one deadline.

urllib3 looks a name up by itself and counts its timeouts for each read. For addresses that other
people choose that is not enough: the connection has to go to the address that was judged, and a
server that sends a byte now and then must not hold a worker. All other HTTP clients of the project
use `urllib3.PoolManager` as it is.
"""

from __future__ import annotations

import io
import logging
import socket
from collections.abc import Callable, Mapping
from http.client import HTTPException

from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError
from urllib3.util import SKIP_HEADER

from messaging.net.deadline import Deadline

MAX_OCTETS = 1_000_000  # of an answer, with its head: all of it is read into memory
# urllib3 adds these by itself.
_NO_DEFAULTS = {"Accept-Encoding": SKIP_HEADER, "User-Agent": SKIP_HEADER}
# It warns of answers that are odd, some with the URL, which may be a secret, and all headers.
for name in ("urllib3.connection", "urllib3.response"):
    logging.getLogger(name).setLevel(logging.ERROR)


class NotHttp(Exception):
    """The server's answer is no HTTP; the message names the fault."""


class AnswerTooLong(HTTPException):
    """It has more than MAX_OCTETS. `http.client` reads a chunk of a negative size to the end."""


class PinnedConnection(HTTPConnection):
    """A connection over the socket that `open_socket(deadline)` gives: no name is looked up here.

    `host` and `port` are those of the URL; with TLS the socket is encrypted already. `deadline`
    bounds every wait from connecting to the last byte of the answer: set it before each request.
    """

    def __init__(
        self, host: str, port: int, *, open_socket: Callable[[Deadline], socket.socket]
    ) -> None:
        super().__init__(host, port)
        self.deadline = Deadline.after(0)
        self._open_socket = open_socket
        self._held: list[bytes] | None = None

    def connect(self) -> None:
        """Raises what `open_socket` raises."""
        sock = self._open_socket(self.deadline)
        self.sock = _DeadlineSocket(sock, left=lambda: self.deadline.left())

    def exchange(
        self, method: str, target: str, *, host: str, body: bytes, headers: Mapping[str, str]
    ) -> BaseHTTPResponse:
        """The head of the answer; the caller reads the body and closes the response.

        `target` is sent to the letter, and of headers only Host, Content-Length and `headers`.
        Redirects are not followed. Raises NotHttp, OSError, and what `open_socket` raises.
        """
        sent = {"Host": host, "Content-Length": str(len(body)), **_NO_DEFAULTS, **headers}
        options = {"preload_content": False, "decode_content": False}
        self._held = held = []
        try:
            try:
                self.request(method, target, body, sent, enforce_content_length=False, **options)
            finally:
                self._held = None
            self.send(b"".join(held))
            return self.getresponse()
        except BaseException as error:
            self.close()  # the next exchange must not begin in the middle of this one
            if isinstance(error, OSError) or not isinstance(error, (HTTPException, HTTPError)):
                raise  # RemoteDisconnected is of both kinds
            raise NotHttp(type(error).__name__) from None

    def send(self, data: bytes) -> None:
        """Send now, or hold the pieces of a request back until it is whole: urllib3 sends head and
        body apart, and a server that answers the head alone may close the connection in between."""
        if self._held is None:
            super().send(data)
        else:
            self._held.append(data)


class _DeadlineSocket:
    """The part of a socket that HTTPConnection uses; no call waits beyond the connection's
    deadline."""

    def __init__(self, sock: socket.socket, left: Callable[[], float]) -> None:
        self._sock = sock
        self._left = left

    def sendall(self, data: bytes) -> None:
        self.arm()
        self._sock.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_DeadlineReader(self, self._sock.makefile(mode, buffering=0)))

    def settimeout(self, seconds: float | None) -> None:
        """Ignored: the deadline counts."""

    def close(self) -> None:
        """Close the connection once the answer that is being read is closed too."""
        self._sock.close()

    def arm(self) -> None:
        """Give the next call on the socket what is left. Raises TimeoutError."""
        left = self._left()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)


class _DeadlineReader(io.RawIOBase):
    """The bytes of one answer."""

    def __init__(self, sock: _DeadlineSocket, raw: socket.SocketIO) -> None:
        self._sock = sock
        self._raw = raw
        self._left = MAX_OCTETS

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:
        if self._left <= 0:
            raise AnswerTooLong
        self._sock.arm()
        size = self._raw.readinto(buffer)
        self._left -= size or 0
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()
