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
from reconciler.result import Ending, Result
from tests.reconciler.jcli.fake import Peer
from tests.reconciler.passes import run, status

pytestmark = pytest.mark.stack


def pass_with(gateway: Gateway, **changed: object) -> Result:
    """The result of a pass with these values, over a gateway that is read by its console. The right
    ones are there again after it."""
    right = {name: getattr(gateway, name) for name in changed}
    for values in (changed, right):
        for name, value in values.items():
            setattr(gateway, name, value)
        gateway.capabilities = []  # as of one that no pass has seen yet
        gateway.save(update_fields=[*values, "capabilities"])
        if values is changed:
            result = run(gateway)
    assert gateway.jcli_password not in f"{result}"
    return result


def assert_back(gateway: Gateway, credential) -> None:
    """The next pass finds all as it was."""
    assert run(gateway).ending is Ending.IN_SYNC
    assert status(credential).bind_state == "bound"
    gateway.refresh_from_db()
    assert (gateway.state, gateway.state_reason) == (GatewayState.UP, "")


def assert_down_and_back(gateway: Gateway, credential, words: str, **changed: object) -> None:
    """A pass with these values finds the gateway down and touches nothing."""
    result = pass_with(gateway, **changed)

    assert result.ending is Ending.DOWN
    assert words in result.error
    gateway.refresh_from_db()
    assert (gateway.state, gateway.state_reason) == (GatewayState.DOWN, result.error)
    assert (status(credential).sync_state, status(credential).bind_state) == ("synced", "unknown")
    assert_back(gateway, credential)


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


def test_a_port_of_another_program_is_named_and_nothing_is_typed_there(gateway, credential):
    with peer(greeting) as port:
        assert_down_and_back(gateway, credential, "this is not Jasmin's console", jcli_port=port)


def test_a_port_that_says_nothing_is_no_gateway_that_is_down(
    gateway, credential, monkeypatch, subtests
):
    """Its HTTP API takes messages, so they go on."""
    strangers = {"an HTTP server": http(), "an echo": peer(echo), "a silent one": peer(silence)}
    for name, stranger in strangers.items():
        with subtests.test(name), stranger as port:
            with monkeypatch.context() as patch:
                patch.setattr(gateway_console, "CONSOLE_TIMEOUT", 0.5)
                result = pass_with(gateway, jcli_port=port)

            assert result.ending is Ending.UNREAD
            assert "no answer within 0.5 s" in result.error
            gateway.refresh_from_db()
            assert gateway.state == GatewayState.UP
            assert result.error in gateway.state_reason
            assert status(credential).bind_state == "bound"
            assert_back(gateway, credential)


def test_a_console_that_is_not_needed_is_not_opened(gateway, credential, monkeypatch):
    """A launched gateway tells what it has without it."""

    def fail(gateway: Gateway) -> None:
        raise AssertionError("it was opened")

    monkeypatch.setattr(gateway_console, "connect", fail)

    assert run(gateway).ending is Ending.IN_SYNC


def test_a_dead_port_is_named(gateway, credential):
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        assert_down_and_back(gateway, credential, "connection refused", jcli_port=port)
