"""Reports reach a listener that was away, both kinds of them."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest

from messaging.smpp.simulator import SimulatorThread
from orbit.stack import Jasmin
from tests.reconciler.launcher.desk import Desk

pytestmark = pytest.mark.stack


class Listener:
    """Refuses the first `refusals` tries of each level, level L after `slow[L]` seconds."""

    def __init__(self) -> None:
        self.refusals = 0
        self.slow: dict[str, float] = {}
        self.tries: Counter[str] = Counter()
        self.heard: list[str] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/one"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _status(self, level: str) -> int:
        self.tries[level] += 1
        if self.tries[level] <= self.refusals:
            time.sleep(self.slow.get(level, 0))
            return 503
        self.heard.append(level)
        return 200

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.send_response(listener._status(dict(parse_qsl(body))["level"]))
                self.end_headers()
                self.wfile.write(b"ACK/Jasmin")

            def log_message(self, *_: object) -> None:
                """Nothing."""

        return Handler


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(autouse=True)
def _every_second(bare: Jasmin) -> None:
    """Who tries again does so after a second."""
    bare.settings["DLR_THROWER_RETRY_DELAY"] = "1"


def send(desk: Desk, smsc: SimulatorThread, listener: Listener) -> None:
    form = {"dlr": "yes", "dlr-level": 3, "dlr-method": "POST", "dlr-url": listener.url}
    said = desk.post(desk.open(smsc), to="33612345678", content="hello", **form)
    assert said.status == 200, said


def away_for_six_tries(desk: Desk, smsc: SimulatorThread, listener: Listener) -> None:
    smsc.system("acme").faults = ["no-receipt"]
    listener.refusals = 6
    send(desk, smsc, listener)


def test_stock_gives_up_after_four_tries(stock, carrier, listener) -> None:
    away_for_six_tries(stock, carrier(), listener)

    with pytest.raises(AssertionError):
        stock.wait(lambda: listener.heard, timeout=8)
    assert listener.tries == {"1": 4}


def test_a_listener_that_was_away_hears_it(launched, carrier, listener) -> None:
    away_for_six_tries(launched, carrier(), listener)

    launched.wait(lambda: listener.heard == ["1"])
    assert listener.tries == {"1": 7}


def answer_refused_after_the_receipt(desk: Desk, smsc: SimulatorThread, listener: Listener) -> None:
    """Both reports are on their way at once, and the listener dies with both."""
    listener.refusals, listener.slow = 1, {"1": 0.5}
    send(desk, smsc, listener)


def test_stock_loses_a_receipt_whose_answer_is_tried_again(stock, carrier, listener) -> None:
    answer_refused_after_the_receipt(stock, carrier(), listener)

    stock.wait(lambda: "1" in listener.heard)
    with pytest.raises(AssertionError):
        stock.wait(lambda: "2" in listener.heard, timeout=5)


def test_answer_and_receipt_are_tried_again_each_by_itself(launched, carrier, listener) -> None:
    answer_refused_after_the_receipt(launched, carrier(), listener)

    launched.wait(lambda: sorted(listener.heard) == ["1", "2"])
