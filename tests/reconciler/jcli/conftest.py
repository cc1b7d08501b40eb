"""Fake consoles, and our client on them."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from reconciler.jcli.console import Console
from tests.reconciler.jcli.fake import PASSWORD, USERNAME, FakeConsole, Peer

TIMEOUT = 60.0  # seconds that a test waits for a console that answers
SHORT = 0.2  # and for one that does not


@pytest.fixture
def fake() -> Iterator[Callable[..., FakeConsole]]:
    """`fake(session)`: a console with the answers of this session."""
    made: list[FakeConsole] = []

    def make(*args: object, kind: type[FakeConsole] = FakeConsole, **options: object):
        made.append(kind(*args, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def peer() -> Iterator[Callable[[Callable[[socket.socket], None]], Peer]]:
    """`peer(talk)`: another program on the port."""
    made: list[Peer] = []

    def make(talk: Callable[[socket.socket], None]) -> Peer:
        made.append(Peer(talk))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def connect() -> Iterator[Callable[..., Console]]:
    """`connect(fake)`: our client, logged in."""
    opened: list[Console] = []

    def open_console(there: Peer, *, password: str = PASSWORD, timeout: float = TIMEOUT) -> Console:
        console = Console("127.0.0.1", there.port, USERNAME, password, timeout=timeout)
        opened.append(console)
        return console

    yield open_console
    for console in opened:
        console.close()
