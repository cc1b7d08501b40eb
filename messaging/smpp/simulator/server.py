"""The simulated carrier as a whole: its accounts, its ports, its counts."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from messaging.smpp.simulator.faults import Fault
from messaging.smpp.simulator.journal import Journal
from messaging.smpp.simulator.session import Session
from messaging.smpp.simulator.systems import System


@dataclass
class Listener:
    """A port. `port` is 0 until it is up for the first time, then it stays what it was."""

    host: str
    port: int
    context: ssl.SSLContext | None = None
    server: asyncio.Server | None = None
    sessions: dict[Session, asyncio.Task[Any]] = field(default_factory=dict)

    @property
    def is_up(self) -> bool:
        return self.server is not None

    def described(self) -> dict[str, Any]:
        return {
            "host": self.host,
            "port": self.port,
            "tls": self.context is not None,
            "up": self.is_up,
        }


class Simulator:
    """Every system can bind on every port. To be used on one event loop.

    `enquire_link` is the interval in seconds at which bound peers are asked whether they live;
    0 asks never. `errors` holds what the simulator itself got wrong: it should stay empty.
    """

    name = "smsc-simulator"

    def __init__(self, *, journal: Journal | None = None, enquire_link: float = 0) -> None:
        self.journal = journal or Journal()
        self.enquire_link = enquire_link
        self.systems: dict[str, System] = {}
        self.listeners: list[Listener] = []
        self.connections = 0
        self.unknown_binds: Counter[str] = Counter()  # by the system_id that nobody knows
        self.errors: list[BaseException] = []
        # Two simulators, or two runs of one, must not give the same ids unless asked to.
        self._message_number = random.SystemRandom().randrange(10**15, 9 * 10**15)

    def add_system(
        self, system_id: str, password: str, faults: Iterable[str | Fault] = ()
    ) -> System:
        """A new account, or a new start for the one of that name. Raises FaultError."""
        old = self.systems.get(system_id)
        system = self.systems[system_id] = System(system_id, password, faults)
        if old:
            drop_binds(old)
        return system

    def remove_system(self, system_id: str) -> None:
        """Raises KeyError."""
        drop_binds(self.systems.pop(system_id))

    def add_listener(
        self, host: str, port: int, *, context: ssl.SSLContext | None = None
    ) -> Listener:
        """A port to listen on (0: any free one); `up` opens it."""
        listener = Listener(host, port, context)
        self.listeners.append(listener)
        return listener

    async def up(self, listener: Listener) -> None:
        """Open the port; nothing happens if it is open. Raises OSError."""
        if listener.is_up:
            return

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(listener, reader, writer)

        listener.server = await asyncio.start_server(
            connected, listener.host, listener.port, ssl=listener.context
        )
        listener.port = listener.server.sockets[0].getsockname()[1]
        self.journal.event("listening", **listener.described())

    async def down(self, listener: Listener) -> None:
        """Close the port and cut its connections, as if the carrier had died."""
        if listener.server is None:
            return
        server, listener.server = listener.server, None
        loop = asyncio.get_running_loop()
        for listening in server.sockets:
            loop.remove_reader(listening.fileno())
        # asyncio leaks a connection that was accepted and not yet attached when its server closes
        # (Server._attach asserts): take no more, let those in, then close.
        for _ in range(2):
            await asyncio.sleep(0)
        server.close()
        await server.wait_closed()
        tasks = list(listener.sessions.values())
        for session in list(listener.sessions):
            session.abort()
        if tasks:
            await asyncio.wait(tasks, timeout=5)
        self.journal.event("stopped", **listener.described())

    async def start(self) -> None:
        for listener in self.listeners:
            await self.up(listener)

    async def stop(self) -> None:
        for listener in self.listeners:
            await self.down(listener)

    def next_message_number(self) -> int:
        self._message_number += 1
        return self._message_number

    def counts(self) -> dict[str, Any]:
        """Everything that was counted, for people and scripts; no password."""
        return {
            "connections": self.connections,
            "unknown_binds": dict(self.unknown_binds),
            "listeners": [listener.described() for listener in self.listeners],
            "systems": {name: system.counts() for name, system in self.systems.items()},
        }

    async def _serve(
        self, listener: Listener, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        session = Session(self, self.connections, reader, writer)
        task = asyncio.current_task()
        if task is None or not listener.is_up:
            session.abort()
            return
        listener.sessions[session] = task
        try:
            await session.run()
        except asyncio.CancelledError:  # the loop ends; Python 3.11 would log it as a failure
            session.abort()
        except Exception as error:
            # A fault of ours must not look like one that was scripted.
            self.errors.append(error)
            session.log("error", error=f"simulator failed: {error!r}")
            session.abort()
        finally:
            listener.sessions.pop(session, None)


def drop_binds(system: System) -> None:
    """Cut the connections of all that are bound as `system`."""
    for session in list(system.sessions):
        session.abort()
