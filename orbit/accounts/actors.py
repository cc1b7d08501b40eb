"""The actor of an audit event: who did it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ActorType = Literal["api_key", "user", "operator", "system", "command"]


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person, a key or a program that acts.

    The audit copies `id` and `name`, since the row of the person or key may be deleted. `address`
    is the client's IP address, "" where there is no client (commands, beat).
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
