"""Who is told: a web server that keeps each notice with the time at which it came, and takes
webhooks while it is asked to."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Told:
    """`whom`: the last part of the address; `at`: by the monotonic clock."""

    whom: str
    title: str
    text: str
    at: float

    @property
    def is_over(self) -> bool:
        return self.title.startswith("Over: ")


class Listener:
    def __init__(self) -> None:
        self.told: list[Told] = []
        self.takes_webhooks = True
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def opened(self, whom: str) -> list[Told]:
        return [each for each in list(self.told) if each.whom == whom and not each.is_over]

    def over(self, whom: str) -> list[Told]:
        return [each for each in list(self.told) if each.whom == whom and each.is_over]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # noqa: N802 - as the standard library calls it
                body = self.rfile.read(int(self.headers["Content-Length"]))
                whom = self.path.rpartition("/")[2]
                if whom == "hook":
                    self.send_response(204 if listener.takes_webhooks else 500)
                else:
                    said = json.loads(body)
                    now = time.monotonic()
                    listener.told.append(Told(whom, said["title"], said["message"], now))
                    self.send_response(204)
                self.end_headers()

            def log_message(self, *said: object) -> None:
                pass

        return Handler
