"""The ports of the simulated carrier: opened, and closed as if it had died."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Any

from orbit.dev.simulator.carrier import Carrier
from orbit.dev.simulator.event_log import EventLog
from orbit.dev.simulator.listener import Listener
from orbit.dev.simulator.session import Session


class Simulator(Carrier):
    """A carrier with its ports. Every system can bind on every port."""

    def __init__(self, *, event_log: EventLog | None = None, enquire_link: float = 0) -> None:
        super().__init__(event_log=event_log, enquire_link=enquire_link)
        self.listeners: list[Listener] = []

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

    def counts(self) -> dict[str, Any]:
        """All counts as JSON values; no password."""
        return {
            "connections": self.connections,
            "unknown_binds": dict(self.unknown_binds),
            "listeners": [listener.described() for listener in self.listeners],
            "systems": {name: system.counts() for name, system in self.systems.items()},
        }
