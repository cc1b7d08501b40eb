"""What is accepted, and what is not, while a server that Jasmin needs is away."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest

from orbit.stack.processes import poll
from tests.reconciler.launcher.desk import Desk, Said

pytestmark = pytest.mark.stack

RSYSERR = 0x08


def post(desk: Desk, cid: str, text: str, **form: object) -> Said:
    return desk.post(cid, to="33612345678", content=text, **form)


def with_report(desk: Desk, cid: str, text: str) -> Said:
    return post(desk, cid, text, **{"dlr-url": desk.report_url(text), "dlr-level": 3})


def test_stock_takes_without_redis_what_it_can_never_report(stock, carrier) -> None:
    smsc = carrier()
    cid = stock.open(smsc)
    stock.jasmin.redis.kill()
    said = with_report(stock, cid, "hello")
    stock.jasmin.redis.start()

    assert said.status == 200
    smsc.wait_for(lambda: smsc.system("acme").receipts["acknowledged"] == 1)
    assert not poll(lambda: bool(stock.reports), timeout=3)


def test_without_redis_nothing_is_taken_that_has_to_be_reported(launched, carrier) -> None:
    smsc = carrier()
    cid = launched.open(smsc)
    before = post(launched, cid, "before")
    launched.jasmin.redis.kill()
    refused, quiet = with_report(launched, cid, "refused"), post(launched, cid, "quiet")
    launched.jasmin.redis.start()

    assert (refused.status, refused.text) == (503, 'Error "Redis is away"')
    assert quiet.status == 200
    assert poll(lambda: with_report(launched, cid, "after").status == 200, timeout=10)
    launched.wait(lambda: {each["level"] for each in launched.reports} == {"1", "2"})
    texts = [each.text for each in smsc.system("acme").submits]
    assert texts == ["before", "quiet", "after"]
    assert with_report(launched, cid, "at last").life == before.life


@pytest.mark.parametrize(("kind", "statuses"), [("stock", [0, 0]), ("launched", [0, RSYSERR])])
def test_a_platform_that_wants_receipts_without_redis(carrier, kind, statuses, request) -> None:
    desk, smsc = request.getfixturevalue(kind), carrier()
    cid = desk.open(smsc)
    desk.jasmin.redis.kill()

    with desk.platform(cid) as platform:
        answers = [platform.submit(receipts=wanted).status.value for wanted in (0, 1)]
    assert answers == statuses


def test_stock_calls_a_failure_a_success(bare, carrier, request) -> None:
    """Its exchange is gone with RabbitMQ: the first message closes the channel."""
    bare.settings = {"AMQP_BROKER_CONNECTION_LOSS_RETRY_DELAY": "1"}
    stock = request.getfixturevalue("stock")
    cid = stock.open(carrier())
    stock.jasmin.rabbitmq.kill()
    stock.jasmin.rabbitmq.start()

    assert poll(lambda: "Failure" in post(stock, cid, "hello").text, timeout=20)
    said = post(stock, cid, "hello")
    assert said.status == 200
    assert said.text.startswith('Success "[Failure instance: ')


def test_when_rabbitmq_is_lost_nothing_is_said_to_be_taken(launched, carrier) -> None:
    """Requests that come just before and just after, while it waits for a last answer to end."""
    smsc = carrier("slow:2:on=submit")
    cid = launched.open(smsc)
    launched.send(cid)
    smsc.wait_for(lambda: smsc.system("acme").submits)
    where = urlsplit(launched.jasmin.http_url)
    body = urlencode({"username": cid, "password": "pw", "to": "336", "content": "hello"})
    senders = [HTTPConnection(where.hostname, where.port, timeout=20) for _ in range(20)]
    for sender in senders:
        sender.request("GET", "/ping")
        sender.getresponse().read()
    os.kill(launched.jasmin.pid, signal.SIGSTOP)
    for turn, sender in enumerate(senders):
        if turn == len(senders) // 2:
            launched.jasmin.rabbitmq.kill()
        sender.request("POST", "/send", body, {"Content-Type": "application/x-www-form-urlencoded"})
    os.kill(launched.jasmin.pid, signal.SIGCONT)

    assert {answer(sender) for sender in senders} == {(503, 'Error "RabbitMQ is away"')}
    assert poll(lambda: not launched.jasmin.is_running(), timeout=20)


def answer(sender: HTTPConnection) -> tuple[int, str]:
    with closing(sender), sender.getresponse() as response:
        return response.status, response.read().decode()
