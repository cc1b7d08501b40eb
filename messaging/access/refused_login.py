"""A bind of a platform that the gateway refused. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class RefusedLogin:
    """A refused bind as `user`.

    - `why`: "login" (a wrong password) or "address" (the right one, from one not allowed).
    - `silenced`: the gateway answers no further one from there for a while.
    """

    user: str
    address: str
    why: str
    silenced: bool
    at: datetime
