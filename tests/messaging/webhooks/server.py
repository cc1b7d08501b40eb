"""A server that events are posted to: it keeps what came, and answers as it is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from orbit_sdk import verify_webhook


@dataclass(frozen=True)
class Post:
    """A request that came. `peer`: the client's port, one a connection. `at`: when it came, in
    seconds since 1970."""

    path: str
    headers: dict[str, str]
    body: bytes
    peer: int
    at: float = field(default_factory=time.time)

    def verified(self, secret: str) -> dict[str, Any]:
        """The event, as the official client reads it then. Raises OrbitWebhookSignatureError."""
        signature = self.headers["X-Devotel-Signature"]
        return verify_webhook(payload=self.body, signature=signature, secret=secret, now_s=self.at)


@dataclass
class Server:
    """`url` takes posts. `answer(handler)` writes the answer; the default one is 200."""

    posts: list[Post] = field(default_factory=list)
    answer: Callable[[BaseHTTPRequestHandler], None] = field(default=lambda handler: say(handler))
    url: str = ""
    port: int = 0


def say(
    handler: BaseHTTPRequestHandler, status: int = 200, body: bytes = b"ok", **headers: str
) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def serving(tls: Any = None) -> Iterator[Server]:
    """A running server on loopback; `tls`: the context of its certificate."""
    server = Server()
    http = _Http(("127.0.0.1", 0), _handler(server))
    if tls is not None:
        http.socket = tls.wrap_socket(http.socket, server_side=True)
    server.port = http.server_address[1]
    server.url = f"http{'s' if tls else ''}://127.0.0.1:{server.port}/hook"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join(10)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news here."""


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.posts.append(Post(self.path, dict(self.headers), body, self.client_address[1]))
            server.answer(self)

    return Handler
