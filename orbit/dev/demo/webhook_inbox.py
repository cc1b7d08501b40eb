"""A customer's server, for webhooks of the demo: it takes what is posted, and shows it."""

from __future__ import annotations

import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEPT = 100  # requests
LARGEST = 1024 * 1024  # bytes of a body


class Inbox:
    """POST anything to `url`; GET answers the last `KEPT` as JSON, newest first."""

    def __init__(self, port: int = 0) -> None:
        self.taken: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self.taken))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """After `start`."""
        self._server.shutdown()
        self._server.server_close()


def _handler(taken: deque[dict[str, Any]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = self.headers.get("Content-Length", "")
            length = int(said) if said.isascii() and said.isdigit() else 0
            if length > LARGEST:
                self._answer(413, b"")
                return
            text = self.rfile.read(length).decode("utf-8", "replace")
            headers = {
                name: value for name, value in self.headers.items() if name.startswith("X-Devotel-")
            }
            taken.appendleft({"path": self.path, "headers": headers, "body": _read(text)})
            self._answer(200, b"ok\n")

        def do_GET(self) -> None:
            self._answer(200, json.dumps(list(taken), indent=2, ensure_ascii=False).encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """The screen is the story's."""

    return Handler


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
