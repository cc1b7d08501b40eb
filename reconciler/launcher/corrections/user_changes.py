"""A user that was changed at the console has to be persisted.

Jasmin's fault (protocols/cli/usersm.py:473, 590): `user -u` and `user --smpp-ban` change a user and
do not say so to the router, which says whether there is something to persist.

The cure: the router is told, and so knows which of its files are as they should be.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jasmin.protocols.cli.usersm import UsersManager

# Called after a user was changed.
on_change: list[Callable[[], None]] = []


def correct() -> None:
    for name in ("update_session", "ban"):
        setattr(UsersManager, name, _telling(getattr(UsersManager, name)))


def _telling(handle: Callable[..., Any]) -> Callable[..., Any]:
    def handle_and_tell(self: UsersManager, *args: Any, **kwargs: Any) -> Any:
        result = handle(self, *args, **kwargs)
        for tell in on_change:
            tell()
        return result

    return handle_and_tell
