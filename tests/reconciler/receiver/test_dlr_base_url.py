"""`check --deploy` asks once whether receipts arrive at this site."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from reconciler.receiver import dlr_base_url
from reconciler.receiver.dlr_base_url import receipts_arrive


@pytest.fixture
def serve() -> Iterator[Callable[..., tuple[str, list[str]]]]:
    """`serve(200, "ACK/Jasmin")`: a site that answers so; its address, and what it was asked."""
    servers = []

    def make(status: int, text: str) -> tuple[str, list[str]]:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                asked.append(f"{self.path} {body}")
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                """Nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}", asked

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


def nothing_there() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{taken.getsockname()[1]}"


def found() -> list[tuple[str, str]]:
    return [(each.id, each.msg) for each in receipts_arrive(None)]


def test_where_the_door_answers_all_is_well_and_it_is_asked_once(settings, serve):
    settings.DLR_BASE_URL, asked = serve(200, "ACK/Jasmin")
    assert found() == []
    assert asked == ["/dlr/check "]


@pytest.mark.parametrize(
    ("status", "text", "said"),
    [
        (400, "Bad Request", "POST /dlr/check is answered 400"),
        (404, "", "POST /dlr/check is answered 404"),
        (301, "", "POST /dlr/check is answered 301"),
        (200, "<html>hello</html>", "something else than this site answers"),
    ],
)
def test_another_answer_fails_with_the_reason(settings, serve, status, text, said):
    settings.DLR_BASE_URL, _ = serve(status, text)
    ((check, message),) = found()
    assert check == "reconciler.E002"
    assert said in message
    assert settings.DLR_BASE_URL in message


def test_nothing_elsewhere_fails_and_nothing_at_our_own_address_is_not_started_yet(settings):
    settings.SITE_BIND = nothing_there()
    settings.DLR_BASE_URL = f"http://{settings.SITE_BIND}"
    ((check, message),) = found()
    assert check == "reconciler.W001"
    assert "connection refused" in message
    settings.SITE_BIND = "127.0.0.1:1"
    ((check, message),) = found()
    assert check == "reconciler.E002"
    assert "connection refused" in message


@pytest.fixture
def port() -> Iterator[socket.socket]:
    """A port that takes connections, at which the test says what happens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def test_no_answer_fails(settings, monkeypatch, port):
    monkeypatch.setattr(dlr_base_url, "PATIENCE", 0.05)
    settings.DLR_BASE_URL = f"http://127.0.0.1:{port.getsockname()[1]}"

    ((check, message),) = found()

    assert check == "reconciler.E002"
    assert "no answer within 0.05 s" in message


def test_a_server_that_hangs_up_fails_with_the_cause(settings, port):
    def hang_up() -> None:
        link, _ = port.accept()
        link.recv(10_000)
        link.close()

    thread = threading.Thread(target=hang_up)
    thread.start()
    settings.DLR_BASE_URL = f"http://127.0.0.1:{port.getsockname()[1]}"

    ((check, message),) = found()
    thread.join()

    assert check == "reconciler.E002"
    assert "RemoteDisconnected: " in message


@pytest.mark.parametrize("url", ["", "sms.example.com", "ftp://127.0.0.1", "http://a:b", "http://"])
def test_what_is_no_address_fails(settings, url):
    settings.DLR_BASE_URL = url
    assert [check for check, _ in found()] == ["reconciler.E002"]


def test_the_door_of_this_site_passes(settings, live_server):
    settings.DLR_BASE_URL = live_server.url
    assert found() == []
