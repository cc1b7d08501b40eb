"""What a gateway tells of its wire, as the site reads it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from reconciler.gateway_client import wire_figures
from reconciler.gateway_client.wire_figures import Answers, Figures, Unread
from reconciler.models import Gateway


def told() -> str:
    registry = CollectorRegistry()
    answers = Counter("orbit_connector_answers", "x", ["connector", "class"], registry=registry)
    answers.labels("obaaa", "ok").inc(80)
    answers.labels("obaaa", "throttled").inc(15)
    answers.labels("obaaa", "refused").inc(3)
    Counter("orbit_connector_unanswered", "x", ["connector"], registry=registry).labels(
        "obaaa"
    ).inc(2)
    seconds = Histogram(
        "orbit_connector_answer_seconds",
        "x",
        ["connector"],
        buckets=(1.0, 2.5, 5.0),
        registry=registry,
    )
    for each in (0.1, 2.0, 4.0, 9.0):
        seconds.labels("obaaa").observe(each)
    Gauge("orbit_gateway_disk_free_bytes", "x", registry=registry).set(7)
    Gauge("orbit_connector_binds", "x", ["connector"], registry=registry).labels("obaaa").set(1)
    return generate_latest(registry).decode()


def test_answers_by_connector_and_the_disk() -> None:
    found = wire_figures.parsed(told())

    assert found.answers == {"obaaa": Answers(count=100, throttled=15, slow=4)}
    assert found.disk == {"disk_free_bytes": 7}


@contextmanager
def answering(status: int, body: str) -> Iterator[Gateway]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - as the standard library calls it
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Gateway(
            jcli_username="jcliadmin",
            jcli_password="s3cr3t",
            http_url=f"http://127.0.0.1:{server.server_port}",
        )
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("status", "body"), [(401, ""), (200, "orbit_gateway_x{ y")])
def test_what_can_not_be_read_says_why_without_the_password(status: int, body: str) -> None:
    with answering(status, body) as gateway, pytest.raises(Unread) as said:
        wire_figures.read(gateway)

    assert "s3cr3t" not in str(said.value)


def test_where_nothing_listens_that_is_said() -> None:
    with answering(200, "") as gateway:
        pass

    with pytest.raises(Unread, match="NewConnectionError"):
        wire_figures.read(gateway)


def test_a_launcher_that_has_no_metrics_yet_tells_nothing() -> None:
    with answering(404, "") as gateway:
        assert wire_figures.read(gateway) == Figures()
