"""Peers that are no SMSC at all: plain sockets that do one wrong thing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable


class Peer:
    """Listens on a free port and runs `serve(connection)` for the first connection."""

    def __init__(self, serve: Callable[[socket.socket], None], family: int = socket.AF_INET):
        self.done = threading.Event()
        self._listener = socket.create_server(
            ("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), family=family
        )
        self.port = self._listener.getsockname()[1]
        self._serve = serve
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        with connection:
            try:
                self._serve(connection)
            except OSError:
                return  # the other side had enough

    def close(self) -> None:
        self.done.set()
        # close() alone leaves accept() waiting in the other thread
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)


def dead_port() -> int:
    """A port that nothing listens on: bound by us a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
