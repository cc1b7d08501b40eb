"""The baseline of a pass: only the console commands that every control plane has to type.

No reading of lists, no database, no comparison: lines that were prepared beforehand go to
Jasmin, and what comes back is looked at only for the text that says "done".
"""

from __future__ import annotations

import queue
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from orbit.dev.stack import Jasmin
from reconciler import executor
from reconciler.connector_sessions import SESSIONS
from reconciler.jcli import connectors, routes
from reconciler.jcli.commands import Command
from reconciler.plan import Plan
from reconciler.state import Kind

TOP, INSIDE = b"jcli : ", b"> "


class RawConsole:
    """A minimal telnet session."""

    def __init__(self, jasmin: Jasmin) -> None:
        self._socket = socket.create_connection((jasmin.jcli_host, jasmin.jcli_port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._until(b"required.\r\r\r\n\r\r\r\n")
        self.type(f"{jasmin.jcli_username}\r\n", b"Password: ")
        self.type(f"{jasmin.jcli_password}\r\n", TOP)

    def type(self, text: str, *ends: bytes, said: str = "") -> None:
        """Write `text`, read until `said` has come and the output ends with one of `ends`."""
        self._socket.sendall(text.encode())
        self._until(*ends, said=said.encode())

    def close(self) -> None:
        self._socket.close()

    def _until(self, *ends: bytes, said: bytes = b"") -> None:
        answer = bytearray()
        while not answer.endswith(ends) or said not in answer:
            chunk = self._socket.recv(262_144)
            assert chunk, "Jasmin hung up"
            answer += chunk


class Writes:
    """The prepared commands of a plan that makes everything."""

    def __init__(self, plan: Plan) -> None:
        self.in_order = _commands_of(plan, Kind.GROUP, Kind.USER)
        self.adds = [connectors.add(change.resource) for change in plan.of(Kind.CONNECTOR)]
        self.starts = [connectors.start(change.key) for change in plan.of(Kind.CONNECTOR)]
        orders = [int(change.key) for change in plan.of(Kind.ROUTE)]
        self.routes = [*_commands_of(plan, Kind.ROUTE), *routes.drop_filters(orders)]


def eight_sessions(jasmin: Jasmin, writes: Writes) -> None:
    """Synchronous commands in one write each, connectors over 8 sessions, one persist.

    All adds, then all starts: side by side they break each other in Jasmin (connector_sessions.py).
    """
    with ThreadPoolExecutor(SESSIONS) as pool:
        first = RawConsole(jasmin)
        consoles = [first, *pool.map(RawConsole, [jasmin] * (SESSIONS - 1))]
        for commands in (writes.adds, writes.starts):
            waiting: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
            for command in commands:
                waiting.put((_text(command), command.success))
            others = [pool.submit(_work, console, waiting) for console in consoles[1:]]
            if commands is writes.adds:
                _at_once(first, writes.in_order)
            _work(first, waiting)
            for other in others:
                other.result()
    _at_once(first, writes.routes)
    _persist(first)
    for console in consoles:
        console.close()


def _at_once(console: RawConsole, commands: Sequence[Command]) -> None:
    """All lines in one write; the error of an unknown command marks the end of the answers."""
    text = "".join(map(_text, commands))
    console.type(f"{text}the_end\r\n", TOP, said="Incorrect command: the_end")


def _work(console: RawConsole, waiting: queue.SimpleQueue[tuple[str, str]]) -> None:
    while True:
        try:
            text, success = waiting.get_nowait()
        except queue.Empty:
            return
        console.type(text, TOP, said=success)


def one_line_at_a_time(jasmin: Jasmin, writes: Writes) -> None:
    """One session, one line, wait for the prompt: as panels over jcli do it, without their
    sleeps."""
    console = RawConsole(jasmin)
    for command in [*writes.in_order, *writes.adds, *writes.starts, *writes.routes]:
        for line in command.lines:
            console.type(f"{line}\r\n", TOP, INSIDE, said=line if line != "ok" else "")
        # The prompt after `ok` of a connector comes only when it is done.
    _persist(console)
    console.close()


def _persist(console: RawConsole) -> None:
    console.type("persist\r\n", TOP, said="filter configuration persisted")


def _commands_of(plan: Plan, *kinds: Kind) -> list[Command]:
    return [command for change in plan.of(*kinds) for command in executor._commands(change)]


def _text(command: Command) -> str:
    return "".join(f"{line}\r\n" for line in command.lines)
