"""Posts over HTTP to an address that was judged, within bounds of time and of text.

The connection goes to the address that the policy passed, never to the name again; TLS is checked
against the name. One deadline bounds everything from the look-up to the last byte of the answer,
also where a server sends a byte now and then. Redirects are not followed: a redirect is an answer.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass

from urllib3.exceptions import HTTPError

from messaging.net.deadline import Deadline
from messaging.net.errors import LinkError
from messaging.net.http import NotHttp, PinnedConnection
from messaging.net.resolution import HostError, checked_addresses
from messaging.net.tcp import open_tcp
from messaging.net.tls import Tls, start_tls
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
    """The server's answer. `body`: its beginning, as text."""

    status: int
    body: str


class WebhookClient:
    """A connection to one endpoint's server, kept alive from one post to the next.

    Use it for seconds, not for hours: the name is looked up and judged when it connects.
    """

    def __init__(self) -> None:
        self._connection: PinnedConnection | None = None

    def post(self, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Raises PostError. All posts of a client go to one scheme, host and port."""
        deadline = Deadline.after(TIMEOUT)
        try:
            return self._post(endpoint, body, headers, deadline)
        except (HostError, LinkError) as error:
            raise self._failed(str(error)) from None
        except TimeoutError:
            raise self._failed(f"no answer within {TIMEOUT:g} s") from None
        except OSError as error:
            raise self._failed(f"connection lost ({error.strerror or error})") from None
        except NotHttp as error:
            raise self._failed(f"the answer is no HTTP ({error})") from None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def __enter__(self) -> WebhookClient:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _failed(self, why: str) -> PostError:
        self.close()
        return PostError(why)

    def _post(
        self, endpoint: Endpoint, body: bytes, headers: Mapping[str, str], deadline: Deadline
    ) -> Answer:
        if self._connection is None:
            self._connection = PinnedConnection(
                endpoint.host, endpoint.port, open_socket=lambda until: _connect(endpoint, until)
            )
        connection = self._connection
        is_reused, connection.deadline = not connection.is_closed, deadline
        try:
            return _exchange(connection, endpoint, body, headers)
        except ConnectionError:
            if not is_reused:
                raise
        # The server may have closed it since the last post: only a new connection tells.
        connection.close()
        return _exchange(connection, endpoint, body, headers)


def _exchange(
    connection: PinnedConnection, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]
) -> Answer:
    response = connection.exchange(
        "POST", endpoint.target, host=endpoint.authority, body=body, headers=headers
    )
    connection.deadline = connection.deadline.within(REST)
    try:
        beginning = response.read(MAX_ANSWER)
        is_whole = not response.read(1)
    except (OSError, HTTPError):
        beginning, is_whole = b"", False  # the status has come, and that is what counts
    response.close()
    if not is_whole or response.status < 200:
        connection.close()
    text = beginning.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return Answer(response.status, text[:MAX_KEPT])


def _connect(endpoint: Endpoint, deadline: Deadline) -> socket.socket:
    """Connect to the first address that accepts. Raises HostError, LinkError, TimeoutError."""
    patience = min(LOOK_UP, deadline.left())
    addresses = checked_addresses(endpoint.host, host_policy(), timeout=patience)[:ADDRESSES]
    while True:
        try:
            return _open(endpoint, addresses.pop(0), deadline)
        except LinkError:
            if not addresses:
                raise


def _open(endpoint: Endpoint, address: str, deadline: Deadline) -> socket.socket:
    soon = deadline.within(CONNECT)
    sock = open_tcp(address=address, port=endpoint.port, deadline=soon)
    if endpoint.tls:
        peer = f"{endpoint.authority} ({address})"
        sock = start_tls(sock, Tls(endpoint.host), peer=peer, deadline=soon)
    return sock
