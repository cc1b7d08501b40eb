"""Stand-ins for the console on a loopback socket: Jasmin's, and peers that are no Jasmin."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Sequence

from tests.reconciler.jcli.transcripts import Exchange
from tests.reconciler.jcli.wire import BANNER, END, INSIDE, REFUSED, TOP, WELCOME

USERNAME, PASSWORD = "jcliadmin", "c0ns0le-pw"


class Peer:
    """Listens on 127.0.0.1 at `port`; `talk(connection)` runs for each connection."""

    def __init__(self, talk: Callable[[socket.socket], None]) -> None:
        self._talk = talk
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self._connections.append(connection)
                self._threads.append(threading.Thread(target=self._serve, args=[connection]))
                self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            self._talk(connection)

    def close(self) -> None:
        for one in (self._server, *self._connections):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for thread in self._threads:
            thread.join(10)


class FakeConsole(Peer):
    """Jasmin's console, with the answers of a transcript.

    - `session`: exchanges in the order in which they are to come; a line that is not the next
      one is answered as Jasmin answers what it does not know.
    - `typed`: every line that came, logins included.
    - `chunk`: bytes a packet; 0 = as they come.
    """

    def __init__(self, session: Sequence[Exchange] = (), *, chunk: int = 0) -> None:
        self._session = list(session)
        self._chunk = chunk
        self.typed: list[str] = []
        super().__init__(self._console)

    def _console(self, connection: socket.socket) -> None:
        lines = self._lines(connection)
        self._say(connection, BANNER)
        for username in lines:
            self._say(connection, username.encode() + END + b"Password: ")
            if (username, next(lines, "")) == (USERNAME, PASSWORD):
                break
            self._say(connection, REFUSED)
        self._say(connection, WELCOME + TOP.encode())
        prompt = TOP
        for line in lines:
            if line == "quit":
                self._say(connection, b"quit" + END + b"\x1bc")
                return
            answer, prompt = self.answer(line, prompt)
            said = [line, *answer, prompt]
            self._say(connection, END.join(row.encode() for row in said))

    def answer(self, line: str, prompt: str) -> tuple[Sequence[str], str]:
        """Return the answer to `line`, and the prompt behind it."""
        if self._session and (self._session[0].prompt, self._session[0].typed) == (prompt, line):
            exchange = self._session.pop(0)
            return exchange.answer, self._session[0].prompt if self._session else TOP
        word = line.split(" ")[0]
        if prompt == TOP:
            return [f"Incorrect command: {word}, type help for a list of commands"], TOP
        if line == "ko":
            return [], TOP
        return [f"Unknown Group key: {word}"], INSIDE

    def _lines(self, connection: socket.socket) -> Iterator[str]:
        buffer = b""
        while data := connection.recv(65536):
            *lines, buffer = (buffer + data).split(b"\r\n")
            for line in lines:
                self.typed.append(line.decode())
                yield line.decode()

    def _say(self, connection: socket.socket, raw: bytes) -> None:
        size = self._chunk or len(raw)
        for start in range(0, len(raw), size):
            connection.sendall(raw[start : start + size])
