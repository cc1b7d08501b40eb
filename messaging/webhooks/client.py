"""Posting over HTTP to an address that was judged, and taking no more time and text than allowed.

The connection goes to the address that the policy passed, never to the name again; TLS is checked
against the name. One deadline bounds everything from the look-up to the last byte of the answer,
also where a server sends a byte now and then. Nothing is followed: a redirect is an answer.
"""

from __future__ import annotations

import http.client
import io
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from messaging.net.errors import Deadline, LinkError
from messaging.net.resolution import HostError, checked_addresses
from messaging.net.tls import Tls, start_tls
from messaging.smpp.link import open_tcp
from messaging.webhooks.endpoints import Endpoint, host_policy

TIMEOUT = 30.0  # seconds, for all of an attempt
LOOK_UP = CONNECT = 10.0  # seconds of them: for the name; for each address, with TLS
ADDRESSES = 3  # tried at most
REST = 2.0  # after the head of the answer, for its body
MAX_ANSWER = 4096  # bytes that are read
MAX_KEPT = 1024  # characters of them that are kept


class PostError(Exception):
    """No answer; the message says why."""


@dataclass(frozen=True)
class Answer:
    """What the server said. `body`: its beginning, as text."""

    status: int
    body: str


class Channel:
    """A connection to one endpoint's server, kept alive from one post to the next.

    Use it for seconds, not for hours: the name is looked up and judged when it connects.
    """

    def __init__(self) -> None:
        self._line: _Line | None = None

    def post(self, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Raises PostError. All posts of a channel go to one scheme, host and port."""
        deadline = Deadline.after(TIMEOUT)
        try:
            return self._post(endpoint, body, headers, deadline)
        except (HostError, LinkError) as error:
            raise self._failed(str(error)) from None
        except TimeoutError:
            raise self._failed(f"no answer within {TIMEOUT:g} s") from None
        except OSError as error:
            raise self._failed(f"connection lost ({error.strerror or error})") from None
        except http.client.HTTPException as error:
            raise self._failed(f"the answer is no HTTP ({type(error).__name__})") from None

    def close(self) -> None:
        if self._line is not None:
            self._line.hang_up()
            self._line = None

    def __enter__(self) -> Channel:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _failed(self, why: str) -> PostError:
        self.close()
        return PostError(why)

    def _post(
        self, endpoint: Endpoint, body: bytes, headers: Mapping[str, str], deadline: Deadline
    ) -> Answer:
        if self._line is not None:
            self._line.deadline = deadline
            try:
                return self._exchange(endpoint, body, headers)
            except ConnectionError:
                self.close()  # the server had closed it meanwhile, which it may: a new one tells
        self._line = _connect(endpoint, deadline)
        return self._exchange(endpoint, body, headers)

    def _exchange(self, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Answer:
        connection = http.client.HTTPConnection(endpoint.host, endpoint.port)
        connection.sock = self._line
        connection.putrequest("POST", endpoint.target, skip_host=True, skip_accept_encoding=True)
        fields = {"Host": endpoint.authority, "Content-Length": str(len(body)), **headers}
        for name, value in fields.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        self._line.deadline = self._line.deadline.within(REST)
        try:
            beginning = response.read(MAX_ANSWER)
            is_whole = not response.read(1)
        except (OSError, http.client.HTTPException):
            beginning, is_whole = b"", False  # the status has come, and that is what counts
        if response.will_close or not is_whole or response.status < 200:
            self.close()
        text = beginning.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
        return Answer(response.status, text[:MAX_KEPT])


class _Line:
    """A connected socket as `http.client` uses one, which never waits beyond `deadline`."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self.deadline = deadline
        self._sock = sock

    def sendall(self, data: bytes) -> None:
        self._arm()
        self._sock.sendall(data)

    def receive(self, buffer: memoryview) -> int:
        self._arm()
        return self._sock.recv_into(buffer)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reading(self))

    def close(self) -> None:
        """Nothing: `http.client` does this before the answer has been read."""

    def hang_up(self) -> None:
        self._sock.close()

    def _arm(self) -> None:
        left = self.deadline.left()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)


class _Reading(io.RawIOBase):
    """One answer."""

    def __init__(self, line: _Line) -> None:
        self._line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        return self._line.receive(buffer)


def _connect(endpoint: Endpoint, deadline: Deadline) -> _Line:
    """To the first address that takes us. Raises HostError, LinkError, TimeoutError."""
    patience = min(LOOK_UP, deadline.left())
    addresses = checked_addresses(endpoint.host, host_policy(), timeout=patience)[:ADDRESSES]
    while True:
        try:
            return _open(endpoint, addresses.pop(0), deadline)
        except LinkError:
            if not addresses:
                raise


def _open(endpoint: Endpoint, address: str, deadline: Deadline) -> _Line:
    soon = deadline.within(CONNECT)
    sock = open_tcp(address=address, port=endpoint.port, deadline=soon)
    if endpoint.tls:
        peer = f"{endpoint.authority} ({address})"
        sock = start_tls(sock, Tls(endpoint.host), peer=peer, deadline=soon)
    return _Line(sock, deadline)
