"""The simulated carrier as a whole: its accounts, ports and counts."""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from orbit.dev.simulator.event_log import EventLog
from orbit.dev.simulator.faults import Fault
from orbit.dev.simulator.session import Session
from orbit.dev.simulator.systems import System
from orbit.dev.simulator.timers import Timers


@dataclass
class Listener:
    """A listening port. `port` may be 0 until it is up for the first time, and is fixed then."""

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
        """Forget a session whose connection is gone."""
        self.sessions.discard(session)
        if not self.sessions:
            self.emptied.set()


class Simulator:
    """A carrier, to be used on one event loop. Every system can bind on every port.

    `enquire_link` is the interval in seconds at which bound peers get an enquire_link; 0 means
    never. `errors` holds bugs of the simulator itself: it should stay empty.
    """

    name = "smsc-simulator"

    def __init__(self, *, event_log: EventLog | None = None, enquire_link: float = 0) -> None:
        self.event_log = event_log or EventLog()
        self.enquire_link = enquire_link
        self.systems: dict[str, System] = {}
        self.listeners: list[Listener] = []
        self.connections = 0
        self.unknown_binds: Counter[str] = Counter()  # by a system_id that does not exist
        self.errors: list[BaseException] = []
        self.timers = Timers()
        # Two simulators, or two runs of one, must not give the same ids unless a fault says so.
        self._message_number = random.SystemRandom().randrange(10**15, 9 * 10**15)

    def add_system(
        self, system_id: str, password: str, faults: Iterable[str | Fault] = ()
    ) -> System:
        """A new account, in place of the one of that name if there is one. Raises FaultError."""
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
        """Add a port to listen on (0: any free one); `up` opens it."""
        listener = Listener(host, port, context)
        self.listeners.append(listener)
        return listener

    async def up(self, listener: Listener) -> None:
        """Open the port unless it is open. Raises OSError."""
        if listener.is_up:
            return

        loop = asyncio.get_running_loop()
        listener.server = await loop.create_server(
            lambda: Session(self, listener), listener.host, listener.port, ssl=listener.context
        )
        listener.port = listener.server.sockets[0].getsockname()[1]
        self.event_log.event("listening", **listener.described())

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
        self.event_log.event("stopped", **listener.described())

    async def start(self) -> None:
        for listener in self.listeners:
            await self.up(listener)

    async def stop(self) -> None:
        for listener in self.listeners:
            await self.down(listener)

    def arrived(self, session: Session, listener: Listener) -> int:
        """Register a new connection; returns its number."""
        self.connections += 1
        listener.sessions.add(session)
        if not listener.is_up:
            session.abort()
        return self.connections

    def next_message_number(self) -> int:
        self._message_number += 1
        return self._message_number

    def counts(self) -> dict[str, Any]:
        """All counts as JSON values; no password."""
        return {
            "connections": self.connections,
            "unknown_binds": dict(self.unknown_binds),
            "listeners": [listener.described() for listener in self.listeners],
            "systems": {name: system.counts() for name, system in self.systems.items()},
        }


def drop_binds(system: System) -> None:
    """Cut the connections of all sessions bound as `system`."""
    for session in list(system.sessions):
        session.abort()
