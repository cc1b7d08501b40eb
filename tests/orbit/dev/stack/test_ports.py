"""Ports stay ours between two starts of a server."""

from __future__ import annotations

import socket

import pytest

from orbit.dev.stack import StackError
from orbit.dev.stack.ports import Ports


def bind(port: int, *, as_a_server: bool) -> socket.socket:
    listener = socket.socket()
    try:
        if as_a_server:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def test_a_server_can_listen_on_a_reserved_port_again_and_again() -> None:
    ports = Ports()
    port = ports.reserve()
    for _ in range(2):
        with (
            bind(port, as_a_server=True) as server,
            socket.create_connection(("127.0.0.1", port)) as client,
            server.accept()[0] as accepted,
        ):
            client.sendall(b"x")
            assert accepted.recv(1) == b"x"
    ports.close()


def test_a_reserved_port_is_refused_to_another_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = Ports(), Ports()
    port = ours.reserve()
    with pytest.raises(OSError, match="in use"):
        bind(port, as_a_server=False)
    monkeypatch.setattr("random.sample", lambda *_: [port])
    with pytest.raises(StackError, match="no free port"):
        theirs.reserve()
    ours.close()
    assert theirs.reserve() == port
    theirs.close()


def test_a_port_that_somebody_listens_on_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    ports = Ports()
    with socket.socket() as taken, socket.socket() as free:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for each in (taken, free):
            each.bind(("127.0.0.1", 0))
        taken.listen()
        candidates = [each.getsockname()[1] for each in (taken, free)]
        free.close()
        monkeypatch.setattr("random.sample", lambda *_: candidates)
        assert ports.reserve() == candidates[1]
    ports.close()
