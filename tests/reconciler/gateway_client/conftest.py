"""A gateway whose HTTP API says whatever a test wants."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from reconciler.models import Gateway


class Answers:
    """`status` and `body` are what the gateway says."""

    def __init__(self) -> None:
        self.status, self.body = 200, b"{}"

    def say(self, body: Any) -> None:
        self.body = json.dumps(body).encode()


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def answering(answers: Answers) -> Iterator[Gateway]:
    """Answers every request by `answers`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - as the standard library calls it
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(answers.status)
            self.send_header("Content-Length", str(len(answers.body)))
            self.end_headers()
            self.wfile.write(answers.body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield row(server.server_port)
    server.shutdown()
    server.server_close()


def row(port: int) -> Gateway:
    return Gateway(
        jcli_username="operator", jcli_password="s3cret", http_url=f"http://127.0.0.1:{port}"
    )
