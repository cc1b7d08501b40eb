"""Who did something, as the audit remembers it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ActorType = Literal["api_key", "user", "operator", "system", "command"]


@dataclass(frozen=True, kw_only=True)
class Actor:
    """One who acts: `id` and `name` are written down, since the row behind them may go.

    `address` is the client's IP address, "" where there is no client (commands, the beat).
    """

    type: ActorType
    id: str = ""
    name: str = ""
    address: str = ""
    user_agent: str = ""
    request_id: str = ""


SYSTEM = Actor(type="system", name="system")


def command(name: str) -> Actor:
    """The actor of `manage.py name`."""
    return Actor(type="command", id=name, name=f"manage.py {name}")
