"""One console session: socket, login, prompts, deadlines. The only I/O of the package.

What comes back is telnet: negotiation bytes, `\\r\\r\\r\\n` for a line end, each typed line echoed
behind the prompt (except the password at login). A prompt counts only as the whole last line.
"""

from __future__ import annotations

import re
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from reconciler.jcli.commands import Command, check_line, check_value
from reconciler.jcli.errors import Garbled, LoginFailed, Rejected, Slow, Unavailable
from reconciler.state import Greeting

TOP, INSIDE = "jcli : ", "> "
_PROMPTS = (f"\n{TOP}".encode(), f"\n{INSIDE}".encode())
_TELNET = re.compile(rb"\xff[\xfb-\xfe].|\xff\xfa.*?\xff\xf0|\x1bc|\x1b\[4h", re.DOTALL)
# As much of a version as a gateway's row holds.
_GREETING = re.compile(r"Welcome to (\S+) (\S{1,32})\S* console")
_LAUNCHER = re.compile(r"^Launched by orbit-launcher (\S{1,32})\S* with (.*)$", re.MULTILINE)
_CHUNK, _MAX_ANSWER = 262_144, 64_000_000
_LONGEST = 6  # timeouts that a whole answer may take, with any progress
# Characters of commands in one write. Jasmin's one thread reads a write to its end, 0.1 s for so
# many, and traffic stands still meanwhile.
_BATCH = 8_000


class Console:
    """A logged-in session. Use as a context manager.

    Every exchange has a deadline: `timeout` seconds without progress, six times that in all.
    After Unavailable or Garbled the session can't be used any more: the outcome of its last
    command is unknown.
    """

    def __init__(self, host: str, port: int, username: str, password: str, *, timeout: float = 10):
        self._timeout = timeout
        self._inside = False
        self.greeting = Greeting()
        self.waited = 0.0  # seconds spent waiting for Jasmin's answers
        try:
            self._socket = socket.create_connection((host, port), timeout=timeout)
        except TimeoutError as error:
            raise Slow(f"console {host}:{port}: {_reason(error)}") from error
        except OSError as error:
            raise Unavailable(f"console {host}:{port}: {_reason(error)}") from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.address = f"{host}:{port}"
        try:
            self._login(username, password)
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Console:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Say `quit` and hang up; a session cut inside an unsaved dialogue changes nothing."""
        try:
            self._socket.sendall(b"quit\r\n")
        except OSError:
            pass  # it is gone already
        finally:
            self._socket.close()

    def ask(self, *lines: str) -> list[list[str]]:
        """Type reading commands in one write; return the lines of each answer.

        Only for commands that Jasmin answers in order (lists, shows, stats, persist).
        """
        marker = f"sync_{secrets.token_hex(4)}"
        replies = self._exchange([*lines, marker], marker)
        if self._inside:
            raise Garbled(f"console {self.address}: it is still inside a dialogue")
        return replies[:-1]

    def run_in_order(self, commands: Sequence[Command]) -> list[Rejected | None]:
        """Run many group, user, filter or route commands: Jasmin answers in order.

        A `ko` behind each leaves a session whose `ok` failed; at top level it is only a wrong
        command. Returns for each command None, or what Jasmin said against it.
        """
        outcomes: list[Rejected | None] = []
        for batch in _batches(commands):
            outcomes += self._run_batch(batch)
        return outcomes

    def _run_batch(self, commands: Sequence[Command]) -> list[Rejected | None]:
        lines: list[str] = []
        ends: list[int] = []
        for command in commands:
            lines += [*command.lines, "ko"]
            ends.append(len(lines))
        replies = self.ask(*lines)
        outcomes, start = [], 0
        for command, end in zip(commands, ends, strict=True):
            said = [line for reply in replies[start : end - 1] for line in reply]
            outcomes.append(_outcome(command, said))
            start = end
        return outcomes

    def run(self, command: Command) -> None:
        """Run one connector command and wait for its outcome; raise Rejected with Jasmin's words.

        These are asynchronous in Jasmin: nothing may be typed before the outcome is printed.
        """
        replies = self._exchange(command.lines)
        if self._inside:
            self._exchange(["ko"])
        outcome = _outcome(command, [line for reply in replies for line in reply])
        if outcome is not None:
            raise outcome

    # -- the wire -------------------------------------------------------------------------

    def _exchange(self, lines: Sequence[str], marker: str = "") -> list[list[str]]:
        """Type `lines`; return the lines of each answer, cut at the echoes of what was typed."""
        for line in lines:
            check_line(line)
        self._send("".join(f"{line}\r\n" for line in lines))
        if marker:  # its answer is the end: cheap to see in a megabyte of shows
            end = f": {marker}".encode()  # "Incorrect command: …", or "Unknown … key: …" inside
            text = self._read(lambda raw: raw.endswith(_PROMPTS) and end in raw[-200:])
        else:
            text = self._read(lambda raw: raw.endswith(_PROMPTS) and _has_echo(raw, lines))
        self._inside = text.endswith(f"\n{INSIDE}")
        replies = _split(text, lines)
        if replies is None:
            raise Garbled(f"console {self.address}: it did not echo what was typed")
        return replies

    def _login(self, username: str, password: str) -> None:
        check_value("console username", username)
        check_value("console password", password)
        banner = self._read(lambda raw: raw.endswith(b"\n"))
        if "Authentication required." not in banner:
            raise Garbled(f"console {self.address}: this is not Jasmin's console")
        self._send(f"{username}\r\n")
        self._read(lambda raw: raw.endswith(b"Password: "))
        self._send(f"{password}\r\n")
        text = self._read(lambda raw: raw.endswith((TOP.encode(), b"Username: ")))
        if text.endswith("Username: "):
            raise LoginFailed(f"console {self.address}: wrong username or password")
        greeting = _GREETING.search(text)
        if greeting is None:
            raise Garbled(f"console {self.address}: this is not Jasmin's console")
        launcher, corrections = ("", "")
        if launched := _LAUNCHER.search(text):
            launcher, corrections = launched.groups()
        self.greeting = Greeting(greeting.group(2), launcher, frozenset(corrections.split()))

    def _send(self, text: str) -> None:
        self._socket.settimeout(self._timeout)  # reading the last answer has shortened it
        try:
            self._socket.sendall(text.encode("ascii"))
        except OSError as error:
            raise Unavailable(f"console {self.address}: {_reason(error)}") from error

    def _read(self, complete: Callable[[bytearray], object]) -> str:
        """Read until `complete(raw)`; return the text without telnet's own bytes."""
        raw = bytearray()
        started = now = time.monotonic()
        deadline = started + self._timeout
        while not complete(raw):
            if len(raw) > _MAX_ANSWER or now - started > _LONGEST * self._timeout:
                raise Garbled(f"console {self.address}: it never stops talking")
            self._socket.settimeout(max(0.001, deadline - now))
            try:
                chunk = self._socket.recv(_CHUNK)
            except TimeoutError as error:
                raise Slow(
                    f"console {self.address}: no answer within {self._timeout:g} s"
                ) from error
            except OSError as error:
                raise Unavailable(f"console {self.address}: {_reason(error)}") from error
            if not chunk:
                raise Unavailable(f"console {self.address}: it closed the connection")
            raw += chunk
            now = time.monotonic()
            if raw.endswith(b"\n"):  # whole lines came: there is progress
                deadline = now + self._timeout
        self.waited += now - started
        return _clean(raw)


def _batches(commands: Sequence[Command]) -> Iterator[list[Command]]:
    """Cut what is to be typed where one write gets long."""
    batch: list[Command] = []
    length = 0
    for command in commands:
        batch.append(command)
        length += sum(map(len, command.lines))
        if length > _BATCH:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch


def _has_echo(raw: bytearray, lines: Sequence[str]) -> bool:
    """Has the echo of the last line come? (The prompt of the first was there before.)"""
    echoes = (f"{prompt}{lines[-1]}\r".encode() for prompt in ("\n" + TOP, "\n" + INSIDE))
    return len(lines) == 1 or any(echo in raw for echo in echoes)


def _split(text: str, lines: Sequence[str]) -> list[list[str]] | None:
    """Cut `text` at the echo of each typed line; None while an echo is missing."""
    rows = text.split("\n")[:-1]  # behind the last line end there is only the prompt
    replies: list[list[str]] = []
    for row in rows:
        if len(replies) < len(lines) and row.endswith(lines[len(replies)]):
            prompt = row.removesuffix(lines[len(replies)])
            if prompt in (TOP, INSIDE) or not (prompt or replies):
                replies.append([])
                continue
        if not replies:
            return None
        if row.strip():
            replies[-1].append(row.rstrip())
    return replies if len(replies) == len(lines) else None


def _clean(raw: bytes | bytearray) -> str:
    return _TELNET.sub(b"", raw).decode("ascii", "replace").replace("\r", "")


def _outcome(command: Command, said: Sequence[str]) -> Rejected | None:
    if command.success in said or any(line in said for line in command.also):
        return None
    help_ = ("(ok: save, ko: exit)", "arguments:")  # after the latter their names, on a line
    words = [
        line
        for before, line in pairwise(["", *said])
        if not line.endswith(help_) and not before.endswith(help_[1])
    ]
    return Rejected(command.redact(" / ".join(words)) or "Jasmin said nothing")


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer"
    return (error.strerror or type(error).__name__).lower()
