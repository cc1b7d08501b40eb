"""The console's password is wrong, or its port belongs to another program."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from reconciler.gateway_client import gateway_console
from reconciler.models import Gateway, GatewayState
from reconciler.result import Ending
from tests.reconciler.jcli.fake import Peer
from tests.reconciler.passes import run, status

pytestmark = pytest.mark.stack


def assert_down_and_back(gateway: Gateway, credential, words: str, **changed: object) -> None:
    """A pass with these values finds the gateway down and touches nothing; the next, with the
    right ones, finds all as it was."""
    right = {name: getattr(gateway, name) for name in changed}
    for name, value in changed.items():
        setattr(gateway, name, value)
    gateway.save()

    result = run(gateway)

    assert result.ending is Ending.DOWN
    assert words in result.error
    gateway.refresh_from_db()
    assert (gateway.state, gateway.state_reason) == (GatewayState.DOWN, result.error)
    assert (status(credential).sync_state, status(credential).bind_state) == ("synced", "unknown")
    assert gateway.jcli_password not in f"{result}"

    for name, value in right.items():
        setattr(gateway, name, value)
    gateway.save()
    assert run(gateway).ending is Ending.IN_SYNC
    assert status(credential).bind_state == "bound"
    gateway.refresh_from_db()
    assert (gateway.state, gateway.state_reason) == (GatewayState.UP, "")


def test_a_wrong_password_is_named(gateway, credential):
    words = "wrong username or password"

    assert_down_and_back(gateway, credential, words, jcli_password="wr0ng-passw0rd")


class Http(BaseHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def http() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Http) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server.server_port
        server.shutdown()


def echo(connection: socket.socket) -> None:
    while data := connection.recv(4096):
        connection.sendall(data)


def silence(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def greeting(connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
    silence(connection)


@contextmanager
def peer(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    there = Peer(talk)
    yield there.port
    there.close()


def test_a_port_of_another_program_is_named_and_nothing_is_typed_there(
    gateway, credential, monkeypatch, subtests
):
    monkeypatch.setattr(gateway_console, "CONSOLE_TIMEOUT", 0.5)
    strangers = {
        "an HTTP server": (http(), "no answer within 0.5 s"),
        "an echo server": (peer(echo), "no answer within 0.5 s"),
        "a silent one": (peer(silence), "no answer within 0.5 s"),
        "an SSH server": (peer(greeting), "this is not Jasmin's console"),
    }
    for name, (stranger, words) in strangers.items():
        with subtests.test(name), stranger as port:
            assert_down_and_back(gateway, credential, words, jcli_port=port)


def test_a_dead_port_is_named(gateway, credential):
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        assert_down_and_back(gateway, credential, "connection refused", jcli_port=port)
