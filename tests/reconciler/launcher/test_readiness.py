"""Whether a Jasmin would take a message: asked, and tried."""

from __future__ import annotations

import os
import signal
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
import redis

from orbit.stack.processes import poll
from tests.reconciler.launcher.desk import Desk

pytestmark = pytest.mark.stack

READY = (200, "Jasmin/READY")


def asked(desk: Desk, path: str = "readyz") -> tuple[int, str]:
    try:
        answer = urllib.request.urlopen(f"{desk.jasmin.http_url}/{path}", timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.read().decode()


def test_stock_can_not_be_asked(stock) -> None:
    stock.jasmin.redis.kill()
    assert asked(stock, "ping") == (200, "Jasmin/PONG")
    assert asked(stock)[0] == 404


def test_it_is_ready_and_says_so_to_those_who_only_ask(launched) -> None:
    assert asked(launched) == READY
    assert launched.post("nobody", "readyz").status == 405


def test_without_redis_it_is_not_ready_until_redis_is_back(launched) -> None:
    launched.jasmin.redis.kill()
    assert asked(launched) == (503, 'Error "Redis is away"')

    launched.jasmin.redis.start()
    assert poll(lambda: asked(launched) == READY, timeout=10)


def test_a_redis_that_does_not_answer_is_named_and_no_answer_is_mixed_up(launched, carrier) -> None:
    smsc = carrier()
    cid = launched.open(smsc)
    os.kill(launched.jasmin.redis.pid, signal.SIGSTOP)
    try:
        said = [asked(launched) for _ in range(3)]
    finally:
        os.kill(launched.jasmin.redis.pid, signal.SIGCONT)

    assert said == [(503, 'Error "Redis does not answer"')] * 3
    assert poll(lambda: asked(launched) == READY, timeout=10)
    launched.send(cid, "hello", dlr_level=3)
    launched.wait(lambda: {each["level"] for each in launched.reports} == {"1", "2"})


def test_a_redis_that_refuses_is_quoted(launched: Desk, refusing: Callable) -> None:
    refusing(launched.jasmin.redis.url)
    status, text = asked(launched)
    assert status == 503
    assert text.startswith('Error "Redis refuses: ')


@pytest.fixture
def refusing():
    """Takes a Redis's right to answer PING away from those who are connected."""
    changed = []

    def refuse(url: str) -> None:
        client = redis.Redis.from_url(url)
        changed.append(client)
        client.execute_command("ACL", "SETUSER", "default", "-ping")

    yield refuse
    for client in changed:
        client.execute_command("ACL", "SETUSER", "default", "+ping")
        client.close()
