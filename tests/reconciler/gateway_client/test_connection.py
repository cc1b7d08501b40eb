"""Reaching a gateway: its console, its broker, and users whose password is not ours any more."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest

from reconciler.gateway_client import connection as gateways
from reconciler.jasmin import connector_settings
from reconciler.jcli.console import Console
from reconciler.jcli.errors import Unavailable
from reconciler.models import Gateway
from reconciler.state import State
from tests.reconciler.jcli.fake import PASSWORD, USERNAME, FakeConsole, Peer
from tests.reconciler.states import Group, state, user

GROUP = Group("obg")


class Send(BaseHTTPRequestHandler):
    """Jasmin's `/send`: 400 to who is in `passwords`; `status` answers others. `ready` answers
    GET."""

    ready = (404, "")
    passwords: dict[str, str] = {}
    status = 403
    requests: list[str] = []

    def do_POST(self) -> None:
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        name, password = body["username"][0], body["password"][0]
        type(self).requests.append(f"{self.path} {name}")
        fits = self.passwords.get(name) == password
        assert body["priority"], "it would be sent"
        self.send_response(400 if fits else self.status)
        self.end_headers()

    def do_GET(self) -> None:
        assert self.path == "/readyz"
        self.send_response(self.ready[0])
        self.end_headers()
        self.wfile.write(self.ready[1].encode())

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def http(**answers: object) -> Iterator[tuple[str, type[Send]]]:
    handler = type("Handler", (Send,), {"requests": [], **answers})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", handler
        server.shutdown()


def probe(url: str, wanted: State, found: State, turn: int = 0) -> set[str]:
    """uids whose password is said to differ."""
    seen = gateways.probe_passwords(Gateway(http_url=url), wanted.users, found, turn)
    return {uid for uid, one in seen.users.items() if one.password_differs}


def test_a_session_is_opened_as_the_row_says(monkeypatch):
    there = FakeConsole()
    row = Gateway(
        jcli_host="127.0.0.1",
        jcli_port=there.port,
        jcli_username=USERNAME,
        jcli_password=PASSWORD,
    )

    with gateways.connect(row) as console:
        assert isinstance(console, Console)
        assert console.greeting.jasmin == "0.11.0"
    there.close()

    assert there.typed[:2] == [USERNAME, PASSWORD]


def test_a_row_shows_no_secret():
    row = Gateway(name="main", jcli_password="c0ns0le-pw", amqp_url="amqp://u:br0ker@h/v")

    assert "c0ns0le-pw" not in f"{row!r} {row}"
    assert "br0ker" not in f"{row!r} {row}"


# -- does it take messages ---------------------------------------------------------------------


@pytest.fixture
def consumed(monkeypatch):
    """RabbitMQ says that each queue has a consumer."""
    monkeypatch.setattr(gateways.broker, "ask_consumers", lambda url: 1)


@contextmanager
def closed() -> Iterator[str]:
    """A port that nobody listens on, and nobody else can take."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{held.getsockname()[1]}"


def test_a_broker_that_is_gone_is_named_with_its_address():
    with (
        http(ready=(404, "none")) as (url, _),
        closed() as address,
        pytest.raises(gateways.GatewayDown) as raised,
    ):
        gateways.check_alive(Gateway(amqp_url=f"amqp://u:s3cret@{address}/v", http_url=url))

    assert str(raised.value) == f"RabbitMQ {address}: connection refused"


def test_a_jasmin_that_is_gone_is_not_called_a_zombie(monkeypatch):
    monkeypatch.setattr(gateways.broker, "ask_consumers", lambda url: 0)
    with closed() as address, pytest.raises(gateways.GatewayDown) as raised:
        gateways.check_alive(Gateway(amqp_url="amqp://u:p@h/v", http_url=f"http://{address}"))

    assert str(raised.value) == f"HTTP API {address}: connection refused"


def test_a_jasmin_that_answers_and_consumes_nothing_is_a_zombie(monkeypatch):
    monkeypatch.setattr(gateways.broker, "ask_consumers", lambda url: 0)
    with http(ready=(404, "none")) as (url, _), pytest.raises(gateways.GatewayDown) as down:
        gateways.check_alive(Gateway(amqp_url="amqp://u:p@h/v", http_url=url))

    assert "no longer consumes its queues" in str(down.value)


def test_one_that_says_itself_that_it_is_ready_needs_no_broker(monkeypatch):
    monkeypatch.delattr(gateways.broker, "ask_consumers")
    with http(ready=(200, "Jasmin/READY")) as (url, _):
        gateways.check_alive(Gateway(amqp_url="amqp://u:p@h/v", http_url=url))


def test_the_reason_that_jasmin_gives_is_kept(consumed):
    ready = (503, 'Error "the console is not open"')
    with http(ready=ready) as (url, _), pytest.raises(gateways.GatewayDown) as raised:
        gateways.check_alive(Gateway(amqp_url="amqp://u:p@h/v", http_url=url))

    assert str(raised.value) == "Jasmin says: the console is not open"


@pytest.mark.parametrize(("ready", "says"), [((200, "Jasmin/READY"), True), ((404, "none"), False)])
def test_a_jasmin_that_takes_messages_is_alive(consumed, ready, says):
    with http(ready=ready) as (url, _):
        gateways.check_alive(Gateway(amqp_url="amqp://u:p@h/v", http_url=url))
        assert gateways.is_ready(Gateway(http_url=url)) is says


def test_a_broker_that_nobody_named_is_not_asked(monkeypatch):
    monkeypatch.delattr(gateways.broker, "ask_consumers")
    with http(ready=(404, "none")) as (url, _):
        gateways.check_alive(Gateway(amqp_url="", http_url=url))


@pytest.mark.parametrize(
    ("talk", "why"),
    [
        (lambda connection: connection.recv(9999) and None, "it closed the connection"),
        (lambda connection: connection.sendall(b"220 smtp\r\n\r\n"), "this is not Jasmin's HTTP"),
    ],
)
def test_what_is_no_http_api_is_said(talk, why):
    there = Peer(talk)
    with pytest.raises(gateways.GatewayDown, match=f"HTTP API 127.0.0.1:{there.port}: {why}"):
        gateways.is_ready(Gateway(http_url=f"http://127.0.0.1:{there.port}"))
    there.close()


def test_a_silent_http_api_is_down_after_the_timeout(monkeypatch):
    monkeypatch.setattr(gateways, "HTTP_TIMEOUT", 0.1)
    there = Peer(lambda connection: (connection.recv(9999), connection.recv(1)))
    with pytest.raises(gateways.GatewayDown, match="no answer"):
        gateways.is_ready(Gateway(http_url=f"http://127.0.0.1:{there.port}"))
    there.close()


def test_a_console_that_is_gone_is_unavailable():
    there = Peer(lambda connection: None)
    there.close()

    with pytest.raises(Unavailable):
        gateways.connect(Gateway(jcli_host="127.0.0.1", jcli_port=there.port))


# -- passwords ----------------------------------------------------------------------------------


def test_a_password_that_is_not_ours_any_more_is_found():
    wanted = state(GROUP, user("ob1", password="one"), user("ob2", password="two"))
    with http(passwords={"ob1": "one", "ob2": "by hand"}) as (url, handler):
        assert probe(url, wanted, wanted) == {"ob2"}

    assert handler.requests == ["/send ob1", "/send ob2"]


def test_who_might_be_given_what_is_asked_for_is_not_asked():
    wanted = state(GROUP, user("ob1"))
    found = state(GROUP, user("ob1", settings={connector_settings.UNASKED: "True"}))
    with http() as (url, handler):
        assert probe(url, wanted, found) == set()

    assert handler.requests == []


def test_only_a_refused_login_is_a_wrong_password():
    wanted = state(GROUP, user("ob1"))

    for status in (400, 404, 500, 503):
        with http(status=status) as (url, _):
            assert probe(url, wanted, wanted) == set()


def test_who_is_disabled_missing_or_in_a_disabled_group_is_not_asked():
    wanted = state(GROUP, user("ob1"), user("ob2"), user("ob3", "obh"), user("ob4"))
    found = state(
        GROUP, Group("obh", False), user("ob1", enabled=False), user("ob3", "obh"), user("ob4", "x")
    )
    with http() as (url, handler):
        assert probe(url, wanted, found) == set()

    assert handler.requests == []


@pytest.mark.parametrize("talk", [lambda c: None, lambda c: c.sendall(b"220 smtp\r\n\r\n")])
def test_an_http_api_that_is_none_proves_nothing(talk):
    wanted = state(GROUP, user("ob1"), user("ob2"))
    there = Peer(talk)

    assert probe(f"http://127.0.0.1:{there.port}", wanted, wanted) == set()
    there.close()


def test_an_http_api_that_is_silent_is_asked_once(monkeypatch):
    monkeypatch.setattr(gateways, "HTTP_TIMEOUT", 0.1)
    wanted = state(GROUP, user("ob1"), user("ob2"), user("ob3"))
    connections = []
    there = Peer(
        lambda connection: (connections.append(1), connection.recv(9999), connection.recv(1))
    )

    assert probe(f"http://127.0.0.1:{there.port}", wanted, wanted) == set()
    there.close()

    assert len(connections) == 1


def test_each_user_is_asked_about_in_its_turn(monkeypatch):
    monkeypatch.setattr(gateways, "PASSWORDS_A_PASS", 2)
    users = [user(f"ob{n}") for n in range(5)]
    wanted = state(GROUP, *users)
    with http(passwords={one.uid: one.password for one in users}) as (url, handler):
        for turn in range(100, 103):
            probe(url, wanted, wanted, turn)

    asked = [request.split()[1] for request in handler.requests]
    assert sorted(asked) == [one.uid for one in users]


def test_passwords_are_asked_for_in_the_body_and_past_any_proxy(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    wanted = state(GROUP, user("ob1", password="s3cret"))
    with http(passwords={"ob1": "s3cret"}) as (url, handler):
        assert probe(url, wanted, wanted) == set()

    assert handler.requests == ["/send ob1"]
