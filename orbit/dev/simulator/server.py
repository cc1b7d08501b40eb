"""The simulated carrier as a whole: its accounts, its ports, its counts."""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from orbit.dev.simulator.event_log import Journal
from orbit.dev.simulator.faults import Fault
from orbit.dev.simulator.session import Session
from orbit.dev.simulator.systems import System
from orbit.dev.simulator.timers import Later


@dataclass
class Listener:
    """A port. `port` is 0 until it is up for the first time, then it stays what it was."""

    host: str
    port: int
    context: ssl.SSLContext | None = None
    server: asyncio.Server | None = None
    sessions: set[Session] = field(default_factory=set)
    emptied: asyncio.Event = field(default_factory=asyncio.Event)

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

    def left(self, session: Session) -> None:
        """Its connection is gone."""
        self.sessions.discard(session)
        if not self.sessions:
            self.emptied.set()


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
        self.later = Later()
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

        loop = asyncio.get_running_loop()
        listener.server = await loop.create_server(
            lambda: Session(self, listener), listener.host, listener.port, ssl=listener.context
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
        listener.emptied.clear()
        for session in list(listener.sessions):
            session.abort()
        if listener.sessions:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(listener.emptied.wait(), timeout=5)
        await server.wait_closed()
        self.journal.event("stopped", **listener.described())

    async def start(self) -> None:
        for listener in self.listeners:
            await self.up(listener)

    async def stop(self) -> None:
        for listener in self.listeners:
            await self.down(listener)

    def arrived(self, session: Session, listener: Listener) -> int:
        """The number of a new connection."""
        self.connections += 1
        listener.sessions.add(session)
        if not listener.is_up:
            session.abort()
        return self.connections

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


def drop_binds(system: System) -> None:
    """Cut the connections of all that are bound as `system`."""
    for session in list(system.sessions):
        session.abort()
