"""A port of the simulated carrier."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from typing import Any

from orbit.dev.simulator.connection import Connection


@dataclass
class Listener:
    """A listening port. `port` may be 0 until it is up for the first time, and is fixed then."""

    host: str
    port: int
    context: ssl.SSLContext | None = None
    server: asyncio.Server | None = None
    sessions: set[Connection] = field(default_factory=set)
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

    def arrived(self, session: Connection) -> None:
        """Keep a new connection; cut it if the port was closed meanwhile."""
        self.sessions.add(session)
        if not self.is_up:
            session.abort()

    def left(self, session: Connection) -> None:
        """Forget a session that has lost its connection."""
        self.sessions.discard(session)
        if not self.sessions:
            self.emptied.set()
