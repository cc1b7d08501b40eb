"""Reports in one request, for a receiver that invites to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest

from messaging.smpp.simulator import SimulatorThread
from orbit.stack.processes import poll
from tests.reconciler.launcher.desk import Desk

pytestmark = pytest.mark.stack

COUNT = 40  # messages, with two reports each
MOST = 25  # reports in a list
TOKENS = [f"t{number}" for number in range(COUNT)]


class Receiver:
    """Takes single reports at /dlr/TOKEN and lists of them at /dlr, which it answers with `says`.

    `heard`: (token, level) in the order of arrival; `lists`: how many each list had. Lists wait
    while `open` is not set.
    """

    def __init__(self, *, invites: bool) -> None:
        self.invites, self.says = invites, (200, b"ACK/Jasmin")
        self.open = threading.Event()
        self.open.set()
        self.heard: list[tuple[str, str]] = []
        self.lists: list[int] = []
        self.connections: set[tuple[str, int]] = set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/dlr"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, path: str, body: str) -> tuple[int, bytes]:
        if path != "/dlr":
            form = dict(parse_qsl(body))
            self.heard.append((path.rpartition("/")[2], form["level"]))
            return 200, b"ACK/Jasmin"
        forms = json.loads(body)
        self.lists.append(len(forms))
        self.open.wait(20)
        if self.says == (200, b"ACK/Jasmin"):
            self.heard += [(form["token"], str(form["level"])) for form in forms]
        return self.says

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                receiver.connections.add(self.client_address)
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, said = receiver.take(self.path, body)
                self.send_response(status)
                if receiver.invites:
                    self.send_header("X-Reports-Together", str(MOST))
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        return Handler


@pytest.fixture
def make_receiver() -> Iterator[type[Receiver]]:
    made: list[Receiver] = []

    def make(*, invites: bool = True) -> Receiver:
        made.append(Receiver(invites=invites))
        return made[-1]

    yield make
    for each in made:
        each.server.shutdown()
        each.server.server_close()


def send(desk: Desk, cid: str, receiver: Receiver, tokens: list[str]) -> None:
    for token in tokens:
        way = {"dlr": "yes", "dlr-level": 3, "dlr-method": "POST"}
        form = way | {"dlr-url": f"{receiver.url}/{token}"}
        assert desk.post(cid, to="33612345678", content=token, **form).status == 200


def heard_all(receiver: Receiver, tokens: list[str]) -> bool:
    wanted = {(token, level) for token in tokens for level in "12"}
    return poll(lambda: set(receiver.heard) >= wanted, timeout=60)


def invited(desk: Desk, smsc: SimulatorThread, receiver: Receiver) -> str:
    """A connector of a gateway that has brought one message's reports; its cid."""
    cid = desk.open(smsc)
    send(desk, cid, receiver, TOKENS[:1])
    assert heard_all(receiver, TOKENS[:1])
    return cid


def heard_once(receiver: Receiver) -> bool:
    return sorted(receiver.heard) == sorted({(token, level) for token in TOKENS for level in "12"})


def test_stock_jasmin_makes_a_connection_for_each(stock: Desk, carrier, make_receiver):
    receiver = make_receiver()
    send(stock, stock.open(carrier()), receiver, TOKENS[:5])
    assert heard_all(receiver, TOKENS[:5])
    assert receiver.lists == []
    assert len(receiver.connections) == 10


def test_the_launcher_brings_them_together(launched: Desk, carrier, make_receiver):
    receiver = make_receiver()
    cid = invited(launched, carrier(), receiver)
    receiver.open.clear()
    send(launched, cid, receiver, TOKENS[1:])
    receiver.open.set()
    assert heard_all(receiver, TOKENS)
    assert heard_once(receiver)
    assert max(receiver.lists) == MOST
    assert len(receiver.connections) < COUNT


def test_who_does_not_invite_gets_each_by_itself(launched: Desk, carrier, make_receiver):
    receiver = make_receiver(invites=False)
    cid = invited(launched, carrier(), receiver)
    send(launched, cid, receiver, TOKENS[1:])
    assert heard_all(receiver, TOKENS)
    assert receiver.lists == []


@pytest.mark.parametrize("said", [(500, b""), (404, b""), (200, b"what?")])
def test_a_list_that_is_refused_comes_again_one_by_one(
    launched: Desk, carrier, make_receiver, said
):
    receiver = make_receiver()
    cid = invited(launched, carrier(), receiver)
    receiver.says = said
    send(launched, cid, receiver, TOKENS[1:])
    assert heard_all(receiver, TOKENS)
    assert receiver.lists
    assert heard_once(receiver)
