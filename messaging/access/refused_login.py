"""A bind of a platform that the gateway refused. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class RefusedLogin:
    """A bind as `user` with a wrong password. `silenced`: the gateway answers no further one from
    there for a while."""

    user: str
    address: str
    silenced: bool
    at: datetime
