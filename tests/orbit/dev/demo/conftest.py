"""A screen whose words can be read, and a JSON server to talk to."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from rich.console import Console

from orbit.dev.demo.screen import Screen


class Page(io.StringIO):
    """What was shown."""

    @property
    def text(self) -> str:
        return self.getvalue()


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def screen(page: Page) -> Screen:
    return Screen(Console(file=page, highlight=False))


Answers = Callable[[str, str, object], tuple[int, bytes]]


@pytest.fixture
def serve() -> Iterator[Callable[[Answers], str]]:
    """Starts a server that answers by `answers(method, path, body) -> (status, bytes)`."""
    servers: list[ThreadingHTTPServer] = []

    def start(answers: Answers) -> str:
        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = json.loads(self.rfile.read(length)) if length else None
                status, answer = answers(self.command, self.path, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_PUT = _serve  # noqa: N815 - http.server's names

            def log_message(self, *_args: object) -> None:
                """Nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
