"""The check for zombies; its tests on a real gateway are in tests/orbit/dev/stack."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

from reconciler.gateway_client.rabbitmq import consumers


def test_an_unreachable_broker_is_unknown() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert consumers(f"amqp://u:p@127.0.0.1:{closed.getsockname()[1]}/v") is None


def test_a_broker_that_never_answers_is_unknown_after_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"amqp://u:p@127.0.0.1:{silent.getsockname()[1]}/v"
        assert consumers(url, timeout=0.1) is None


def test_a_server_that_speaks_something_else_is_unknown() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, ThreadPoolExecutor(1) as pool:
        url = f"amqp://u:p@127.0.0.1:{other.getsockname()[1]}/v"
        reading = pool.submit(consumers, url)
        with other.accept()[0] as connection:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        assert reading.result() is None


def test_a_name_that_does_not_resolve_is_unknown() -> None:
    assert consumers("amqp://u:p@no-such-host.invalid/v") is None
