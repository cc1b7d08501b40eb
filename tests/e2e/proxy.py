"""A proxy that loses answers: the request is done at the server, and the client is not told."""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

Fate = Literal["502", "cut"]
_HOP_BY_HOP = frozenset({"connection", "transfer-encoding", "keep-alive"})


class Proxy:
    """Forwards everything to `upstream`; `lose` says what becomes of the next answers to writes.

    "502": the client gets a Bad Gateway instead; "cut": its connection is closed without a word.
    `forwarded` counts the requests that reached the server, by method.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream)
        self._fates: list[Fate] = []
        self.forwarded: Counter[str] = Counter()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def lose(self, *fates: Fate) -> None:
        self._fates.extend(fates)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        answer, content = self._forward(handler, body)
        self.forwarded[handler.command] += 1
        if self._fates and handler.command != "GET":
            handler.close_connection = True
            if self._fates.pop(0) == "502":
                handler.send_error(502)
            return
        handler.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP_BY_HOP:
                handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    def _forward(
        self, handler: BaseHTTPRequestHandler, body: bytes
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection(self._upstream.hostname, self._upstream.port)
        with contextlib.closing(connection):
            headers = {n: v for n, v in handler.headers.items() if n.lower() not in _HOP_BY_HOP}
            connection.request(handler.command, handler.path, body or None, headers)
            answer = connection.getresponse()
            return answer, answer.read()


@contextmanager
def proxy(upstream: str) -> Iterator[Proxy]:
    running = Proxy(upstream)
    try:
        yield running
    finally:
        running.close()


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def _any(self) -> None:
            proxy.handle(self)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _any

    return Handler
