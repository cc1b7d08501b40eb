"""Jasmin's console as bytes: what it sends, and a client that knows nothing of ours."""

from __future__ import annotations

import re
import socket

# As captured: telnet negotiation, terminal reset, insert mode; each LF leaves as CR CR CR LF.
END = b"\r\r\r\n"
BANNER = (
    b"\xff\xfd\x22\xff\xfd\x1f\xff\xfd\x03\xff\xfb\x01\x1bc\x1b[4h"
    b"Authentication required." + END + END
)
WELCOME = END.join(
    [
        b"",
        b"Welcome to Jasmin 0.11.0 console",
        b"Type help or ? to list commands.",
        b"",
        b"Session ref: 3",
        b"",
    ]
)
REFUSED = END + b"Incorrect Username/Password." + END + END + b"Username: "
TOP, INSIDE = "jcli : ", "> "
SECONDS = 20

_PROMPTS = (END + TOP.encode(), END + INSIDE.encode())


class Person:
    """Types one line at a time and waits for the next prompt, as a person does."""

    def __init__(self, host: str, port: int, username: str, password: str) -> None:
        self._socket = socket.create_connection((host, port), timeout=SECONDS)
        try:
            self.login = self._until(BANNER[-8:])
            self.login += self._send(username, b"Password: ")
            self.login += self._send(password, *_PROMPTS, REFUSED[-12:])
        except BaseException:
            self.close()
            raise
        self.prompt = TOP

    def type_raw(self, line: str) -> bytes:
        """Read to the next prompt."""
        return self._send(line, *_PROMPTS)

    def type(self, line: str) -> list[str]:
        """Return the lines of the answer; `prompt` is the prompt behind it."""
        text = re.sub(rb"\r+\n", b"\n", self.type_raw(line)).decode()
        echo, *lines, self.prompt = text.split("\n")
        assert echo == line
        return lines

    def close(self) -> None:
        self._socket.close()

    def _send(self, line: str, *ends: bytes) -> bytes:
        self._socket.sendall(line.encode() + b"\r\n")
        return self._until(*ends)

    def _until(self, *ends: bytes) -> bytes:
        raw = b""
        while not raw.endswith(ends):
            data = self._socket.recv(65536)
            assert data, f"the console hung up after {raw!r}"
            raw += data
        return raw

    def __enter__(self) -> Person:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()
