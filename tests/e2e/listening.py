"""A listener that must not be reached, and says whether it was."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Trap:
    """Takes every connection and keeps the first bytes of each, like somebody after passwords."""

    def __init__(self, host: str, port: int) -> None:
        self.caught: list[bytes] = []
        self._listener = socket.create_server((host, port))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            with peer:
                peer.settimeout(1)
                try:
                    self.caught.append(peer.recv(1024))
                except OSError:
                    self.caught.append(b"")

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)


@contextmanager
def trap(host: str = "127.0.0.1", port: int = 0) -> Iterator[Trap]:
    running = Trap(host, port)
    try:
        yield running
    finally:
        running.close()
