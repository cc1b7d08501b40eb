"""A way to a server that can be shut, hushed or made slow."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable

CHUNK = 65536  # octets
LOOPBACK = "127.0.0.1"
ALL = ""  # of `hush`: connections of every caller


class Gate:
    """Passes connections to `host`:`port` on; itself on `self.port`, which stays the same.

    - `shut`: connections are cut, and new ones refused, until `open`.
    - `hush`: connections stay, new ones are taken, and nothing passes until `speak`: a network that
      has lost the way. What was sent meanwhile passes then, as TCP sends it again.
    - `delay`: seconds that whatever passes takes, either way.

    `listen` makes the listening socket, `caller` names who has connected from an address: only one
    of them may be hushed, and is passed on from that address if it names one.
    """

    def __init__(
        self,
        port: int,
        *,
        host: str = LOOPBACK,
        listen: Callable[[int], socket.socket] | None = None,
        caller: Callable[[tuple[str, int]], str] | None = None,
    ) -> None:
        self._to = (host, port)
        self._listen_at = listen or _on_loopback
        self._caller = caller or (lambda _: ALL)
        self.delay = 0.0
        self._turn = threading.Condition()
        self._hushed: set[str] = set()
        self._sockets: set[socket.socket] = set()
        self._listener = self._listen_at(0)
        self.port: int = self._listener.getsockname()[1]
        self._serve()

    def shut(self) -> None:
        with self._turn:
            # Not `close` alone, which a thread in `accept` does not hear.
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            for each in self._sockets:
                _end(each)
            self._sockets.clear()
        self.speak()

    def open(self) -> None:
        self._listener = self._listen_at(self.port)
        self._serve()

    def hush(self, caller: str = ALL) -> None:
        with self._turn:
            self._hushed.add(caller)

    def speak(self, caller: str = ALL) -> None:
        with self._turn:
            self._hushed.discard(caller)
            self._turn.notify_all()

    def _serve(self) -> None:
        threading.Thread(target=self._listen, args=(self._listener,), daemon=True).start()

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                here, address = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(here, address), daemon=True).start()

    def _join(self, here: socket.socket, address: tuple[str, int]) -> None:
        caller = self._caller(address)
        self._wait_for_words(caller)
        try:
            there = socket.create_connection(
                self._to, source_address=(caller, 0) if caller else None
            )
        except OSError:
            _end(here)
            return
        for each in (here, there):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._turn:
            self._sockets |= {here, there}
        threading.Thread(target=self._pass_on, args=(there, here, caller), daemon=True).start()
        self._pass_on(here, there, caller)

    def _pass_on(self, source: socket.socket, sink: socket.socket, caller: str) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK):
                if self.delay:
                    time.sleep(self.delay)
                self._wait_for_words(caller)
                sink.sendall(data)
        self._wait_for_words(caller)  # nor does its end pass
        for each in (source, sink):
            _end(each)
            with self._turn:
                self._sockets.discard(each)

    def _wait_for_words(self, caller: str) -> None:
        with self._turn:
            self._turn.wait_for(lambda: not self._hushed & {caller, ALL})


def _on_loopback(port: int) -> socket.socket:
    return socket.create_server((LOOPBACK, port))


def _end(each: socket.socket) -> None:
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
