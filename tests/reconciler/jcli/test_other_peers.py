"""Consoles that misbehave and ports that are no console: an error in time, never a guess."""

from __future__ import annotations

import contextlib
import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread

import pytest

from reconciler.jcli import connectors
from reconciler.jcli import console as module
from reconciler.jcli.console import Console
from reconciler.jcli.errors import Garbled, JcliError, Unavailable
from reconciler.state import Connector
from tests.reconciler.jcli.conftest import SHORT
from tests.reconciler.jcli.fake import PASSWORD, USERNAME, FakeConsole
from tests.reconciler.jcli.transcripts import Exchange
from tests.reconciler.jcli.wire import BANNER, END, INSIDE, TOP


def silent(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def echoing(connection: socket.socket) -> None:
    while data := connection.recv(4096):
        connection.sendall(data)


def hanging_up(connection: socket.socket) -> None:
    connection.close()


def smtp(connection: socket.socket) -> None:
    connection.sendall(b"220 mail.example.com ESMTP\r\n")
    silent(connection)


def another_console(connection: socket.socket) -> None:
    """A peer that asks for a login as Jasmin does, and is another program."""
    connection.sendall(BANNER)
    connection.recv(4096)
    connection.sendall(b"Password: ")
    connection.recv(4096)
    connection.sendall(b"\r\nWelcome to Router OS\r\njcli : ")
    silent(connection)


def endless_banner(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"x" * 65536)


def endless_lines_for_a_login(connection: socket.socket) -> None:
    connection.sendall(BANNER)
    connection.recv(4096)
    while True:
        connection.sendall(b"Username: \r\n" * 1000)


@pytest.mark.parametrize(
    ("talk", "error", "words"),
    [
        (silent, Unavailable, "no answer within 0.2 s"),
        (echoing, Unavailable, "no answer within 0.2 s"),
        (hanging_up, Unavailable, "it closed the connection|connection reset"),
        (smtp, Garbled, "this is not Jasmin's console"),
        (another_console, Garbled, "this is not Jasmin's console"),
        (endless_banner, Garbled, "it never stops talking"),
        (endless_lines_for_a_login, Garbled, "it never stops talking"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_stranger_on_the_port_is_an_error_that_names_the_port(
    peer, connect, monkeypatch, talk, error, words
):
    monkeypatch.setattr(module, "_MAX_ANSWER", 1_000_000)
    there = peer(talk)

    with pytest.raises(error, match=words) as raised:
        connect(there, timeout=SHORT)

    assert f"console 127.0.0.1:{there.port}: " in str(raised.value)
    assert PASSWORD not in str(raised.value)


def test_a_port_on_which_nothing_listens_is_an_error(connect):
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        with pytest.raises(Unavailable, match="connection refused"):
            Console("127.0.0.1", reserved.getsockname()[1], USERNAME, PASSWORD)


def test_a_name_that_does_not_resolve_is_an_error():
    with pytest.raises(Unavailable, match="console no-such-host.invalid:1: "):
        Console("no-such-host.invalid", 1, USERNAME, PASSWORD)


class Http(BaseHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


def test_an_http_server_is_never_told_the_password():
    with HTTPServer(("127.0.0.1", 0), Http) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        with pytest.raises(JcliError):
            Console("127.0.0.1", server.server_port, USERNAME, PASSWORD, timeout=SHORT)
        server.shutdown()


def test_a_peer_that_does_not_greet_like_jasmin_is_never_told_the_password(peer, connect):
    heard = []

    def talk(connection: socket.socket) -> None:
        connection.sendall(b"login:\r\n")
        with contextlib.suppress(OSError):
            while data := connection.recv(4096):
                heard.append(data)

    with pytest.raises(Garbled):
        connect(peer(talk))

    assert heard == []


class Misbehaving(FakeConsole):
    """A console that answers the line `bad` with the bytes that `do` sends."""

    def __init__(self, do) -> None:
        self._do = do
        super().__init__()

    def _console(self, connection: socket.socket) -> None:
        self._connection = connection
        super()._console(connection)

    def answer(self, line: str, prompt: str):
        if line.startswith("bad"):
            self._do(self._connection)
        return super().answer(line, prompt)


def never(connection: socket.socket) -> None:
    silent(connection)
    raise OSError("hang up")


def cuts(connection: socket.socket) -> None:
    connection.sendall(b"bad" + END + b"#half a r")
    raise OSError("hang up")


def talks_lines_for_ever(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"#row" + END)


def drips_lines(connection: socket.socket) -> None:
    """The peer sends a whole line now and then: always progress, never an end."""
    while True:
        connection.sendall(b"#row" + END)
        Event().wait(SHORT / 4)


def drips_bytes(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"#")
        Event().wait(SHORT / 4)


def echoes_something_else(connection: socket.socket) -> None:
    connection.sendall(b"bat" + END + TOP.encode())


@pytest.mark.parametrize(
    ("do", "error"),
    [
        (never, Unavailable),
        (cuts, Unavailable),
        (talks_lines_for_ever, Garbled),
        (drips_lines, Garbled),
        (drips_bytes, Unavailable),
        (echoes_something_else, Garbled),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
@pytest.mark.parametrize("how", ["ask", "run", "in order"])
def test_an_answer_that_never_gets_whole_is_an_error(fake, connect, monkeypatch, do, error, how):
    monkeypatch.setattr(module, "_MAX_ANSWER", 1_000_000)
    console = connect(fake(do, kind=Misbehaving))
    console._timeout = SHORT  # from here on: a busy machine may take longer for the login
    command = module.Command(("bad",), "Successfully")

    with pytest.raises((error, Unavailable)) as raised:
        {
            "ask": lambda: console.ask("bad"),
            "run": lambda: console.run(command),
            "in order": lambda: console.run_in_order([command]),
        }[how]()

    assert isinstance(raised.value, error) or (how, do) == ("run", echoes_something_else)


def test_a_question_that_opened_a_dialogue_is_noticed_at_once(fake, connect):
    there = fake([Exchange(TOP, "group -a", ("Adding a new Group",)), Exchange(INSIDE, "x", ())])
    console = connect(there)

    with pytest.raises(Garbled, match="still inside a dialogue"):
        console.ask("group -a")


def test_a_session_that_dies_with_a_secret_on_the_way_does_not_tell_it(fake, connect):
    console = connect(fake(cuts, kind=Misbehaving))
    console._timeout = SHORT  # from here on: a busy machine may take longer for the login
    command = connectors.add(Connector("obone", False, {"host": "x"}, "s3cr;t"))
    command = module.Command(("bad", *command.lines), command.success, secrets=command.secrets)

    with pytest.raises(JcliError) as raised:
        console.run(command)

    error: BaseException | None = raised.value
    while error is not None:
        assert "s3cr;t" not in f"{error} {error!r} {error.args}"
        error = error.__cause__ or error.__context__


def test_a_session_that_has_ended_says_so_to_the_next_question(fake, connect):
    there = fake()
    console = connect(there)
    there.close()

    with pytest.raises(Unavailable):
        console.ask("group -l")
