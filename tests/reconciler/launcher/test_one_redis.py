"""A Redis that hears the question for a message's reports before it was told of them."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from orbit.stack import Jasmin
from orbit.stack.processes import poll
from tests.reconciler.launcher.desk import Desk

pytestmark = pytest.mark.stack

LATE = 4.0  # seconds, longer than a message and its answer take
MESSAGES = 6


class LateRedis:
    """Passes all on to a Redis, but where reports go so late; what comes behind it on the same
    connection waits with it. `delayed` counts them."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self.delayed = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                redis = socket.create_connection(("127.0.0.1", self._upstream))
                for ends in ((client, redis), (redis, client)):
                    threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError), source, target:
            while data := source.recv(65_536):
                if b"HMSET" in data and b"dlr:" in data:
                    self.delayed += 1
                    time.sleep(LATE)
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)


@pytest.fixture(autouse=True)
def late(bare: Jasmin) -> Iterator[LateRedis]:
    made = LateRedis(bare.redis.port)
    bare.settings["REDIS_CLIENT_PORT"] = str(made.port)
    yield made
    bare.kill()
    made.close()


def test_stock_jasmin_forgets_the_reports(stock: Desk, carrier, late: LateRedis):
    cid = stock.open(carrier())
    # The pool gives now and then both commands of a message to the same connection.
    messages = [stock.send(cid, dlr_level=3) for _ in range(MESSAGES)]
    stock.wait(lambda: late.delayed)
    assert not poll(lambda: all(map(stock.reported, messages)), timeout=2 * LATE + 4)


def test_the_launcher_reports_all_the_same(launched: Desk, carrier, late: LateRedis):
    cid = launched.open(carrier())
    message = launched.send(cid, dlr_level=3)
    launched.wait(lambda: launched.reported(message, level=2), timeout=60)
    assert launched.reported(message) == ["ESME_ROK"]
    assert late.delayed
