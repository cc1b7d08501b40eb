"""Whether the Jasmin of a gateway takes messages."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from reconciler.gateway_client import jasmin_http, readiness
from reconciler.models import Gateway
from tests.reconciler.gateway_client.jasmin_api import jasmin_api
from tests.reconciler.jcli.fake import Peer


@pytest.fixture
def consumed(monkeypatch):
    """RabbitMQ says that each queue has a consumer."""
    monkeypatch.setattr(readiness.rabbitmq, "ask_consumers", lambda url: 1)


@contextmanager
def closed() -> Iterator[str]:
    """A port that is taken and on which nothing listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{held.getsockname()[1]}"


def test_a_broker_that_is_gone_is_named_with_its_address():
    with (
        jasmin_api(ready=(404, "none")) as (url, _),
        closed() as address,
        pytest.raises(readiness.GatewayDown) as raised,
    ):
        readiness.check_alive(Gateway(amqp_url=f"amqp://u:s3cret@{address}/v", http_url=url))

    assert str(raised.value) == f"RabbitMQ {address}: connection refused"


def test_a_jasmin_that_is_gone_is_not_called_a_zombie(monkeypatch):
    monkeypatch.setattr(readiness.rabbitmq, "ask_consumers", lambda url: 0)
    with closed() as address, pytest.raises(readiness.GatewayDown) as raised:
        readiness.check_alive(Gateway(amqp_url="amqp://u:p@h/v", http_url=f"http://{address}"))

    assert str(raised.value) == f"HTTP API {address}: connection refused"


def test_a_jasmin_that_answers_and_consumes_nothing_is_a_zombie(monkeypatch):
    monkeypatch.setattr(readiness.rabbitmq, "ask_consumers", lambda url: 0)
    with jasmin_api(ready=(404, "none")) as (url, _), pytest.raises(readiness.GatewayDown) as down:
        readiness.check_alive(Gateway(amqp_url="amqp://u:p@h/v", http_url=url))

    assert "no longer consumes its queues" in str(down.value)


def test_one_that_says_itself_that_it_is_ready_needs_no_broker(monkeypatch):
    monkeypatch.delattr(readiness.rabbitmq, "ask_consumers")
    with jasmin_api(ready=(200, "Jasmin/READY")) as (url, _):
        readiness.check_alive(Gateway(amqp_url="amqp://u:p@h/v", http_url=url))


def test_the_reason_that_jasmin_gives_is_kept(consumed):
    ready = (503, 'Error "the console is not open"')
    with jasmin_api(ready=ready) as (url, _), pytest.raises(readiness.GatewayDown) as raised:
        readiness.check_alive(Gateway(amqp_url="amqp://u:p@h/v", http_url=url))

    assert str(raised.value) == "Jasmin says: the console is not open"


@pytest.mark.parametrize(("ready", "says"), [((200, "Jasmin/READY"), True), ((404, "none"), False)])
def test_a_jasmin_that_takes_messages_is_alive(consumed, ready, says):
    with jasmin_api(ready=ready) as (url, _):
        readiness.check_alive(Gateway(amqp_url="amqp://u:p@h/v", http_url=url))
        assert readiness.is_ready(Gateway(http_url=url)) is says


def test_without_an_amqp_url_no_broker_is_asked(monkeypatch):
    monkeypatch.delattr(readiness.rabbitmq, "ask_consumers")
    with jasmin_api(ready=(404, "none")) as (url, _):
        readiness.check_alive(Gateway(amqp_url="", http_url=url))


@pytest.mark.parametrize(
    ("talk", "why"),
    [
        (lambda connection: connection.recv(9999) and None, "it closed the connection"),
        (lambda connection: connection.sendall(b"220 smtp\r\n\r\n"), "this is not Jasmin's HTTP"),
    ],
)
def test_what_is_no_http_api_is_said(talk, why):
    there = Peer(talk)
    with pytest.raises(readiness.GatewayDown, match=f"HTTP API 127.0.0.1:{there.port}: {why}"):
        readiness.is_ready(Gateway(http_url=f"http://127.0.0.1:{there.port}"))
    there.close()


def test_a_silent_http_api_is_down_after_the_timeout(monkeypatch):
    monkeypatch.setattr(jasmin_http, "TIMEOUT", 0.1)
    there = Peer(lambda connection: (connection.recv(9999), connection.recv(1)))
    with pytest.raises(readiness.GatewayDown, match="no answer"):
        readiness.is_ready(Gateway(http_url=f"http://127.0.0.1:{there.port}"))
    there.close()
