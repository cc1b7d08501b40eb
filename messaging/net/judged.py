"""Look-ups of libraries that open their own connections, judged by a host policy.

`judged` makes `socket.getaddrinfo` answer with addresses that the policy allows, in the calling
thread and until the block ends; everywhere else it is what it was. A name is judged as it is looked
up for the connection, so that no second look-up answers otherwise (DNS rebinding).
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from messaging.net.host_policy import HostPolicy
from messaging.net.resolution import HostError, checked_addresses

_judge: ContextVar[tuple[HostPolicy, list[str]] | None] = ContextVar("judge", default=None)
_original = socket.getaddrinfo


@contextmanager
def judged(policy: HostPolicy, refused: list[str]) -> Iterator[None]:
    """Within the block only hosts that `policy` allows have addresses; why others were refused is
    added to `refused`."""
    token = _judge.set((policy, refused))
    try:
        yield
    finally:
        _judge.reset(token)


def _getaddrinfo(host: Any, port: Any, *args: Any, **options: Any) -> list[tuple]:
    judge = _judge.get()
    if judge is None:
        return _original(host, port, *args, **options)
    policy, refused = judge
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    try:
        addresses = checked_addresses(name, policy)
    except HostError as error:
        refused.append(str(error))
        raise socket.gaierror(socket.EAI_FAIL, str(error)) from None
    return [
        answer
        for address in addresses
        for answer in _original(address, port, *args, **options)  # a literal: no look-up
    ]


# `resolution` keeps the original, which it has taken at its import: it looks names up for us.
socket.getaddrinfo = _getaddrinfo
