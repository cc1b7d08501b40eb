"""A stand-in for Jasmin's HTTP API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs


class Send(BaseHTTPRequestHandler):
    """Answers POST /send by 400 to a user in `passwords`, by `status` to others, GET by `ready`."""

    ready = (404, "")
    passwords: dict[str, str] = {}
    status = 403
    requests: list[str] = []

    def do_POST(self) -> None:
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        name, password = body["username"][0], body["password"][0]
        type(self).requests.append(f"{self.path} {name}")
        fits = self.passwords.get(name) == password
        assert body["priority"], "it would be sent"
        self.send_response(400 if fits else self.status)
        self.end_headers()

    def do_GET(self) -> None:
        assert self.path == "/readyz"
        self.send_response(self.ready[0])
        self.end_headers()
        self.wfile.write(self.ready[1].encode())

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def jasmin_api(**answers: object) -> Iterator[tuple[str, type[Send]]]:
    handler = type("Handler", (Send,), {"requests": [], **answers})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", handler
        server.shutdown()
