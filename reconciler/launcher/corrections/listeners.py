"""A gateway that can't listen on one of its ports ends, so that its supervisor tries again.

Jasmin's fault (bin/jasmind.py:417 and five more): if a port is in use it writes a line to its log,
says "Started" and runs on without its SMPP server, HTTP API or console.

The cure: the process ends with status 75 and a line that names the port. `missing` says which
listener is not open, for `GET /readyz`.
"""

from __future__ import annotations

import sys
from typing import Any

from twisted.internet import reactor
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort

from reconciler.launcher.exit_status import end_process

# By name of the factory that jasmind gives to the reactor: what the listener is called in messages,
# and the option that turns it off.
EXPECTED = {
    "SmppServerFactory": ("SMPP server", "--disable-smpp-server"),
    "Site": ("HTTP API", "--disable-http-api"),
    "JCliFactory": ("console", "--disable-jcli"),
}

_open: dict[str, IListeningPort] = {}


def correct() -> None:
    listen = reactor.listenTCP

    def listen_or_end(port: int, factory: Any, *args: Any, **options: Any) -> IListeningPort:
        try:
            opened = listen(port, factory, *args, **options)
        except CannotListenError as error:
            name, _ = EXPECTED.get(type(factory).__name__, (type(factory).__name__, ""))
            where = f"{error.interface or '*'}:{error.port}"
            end_process(f"the {name} can't listen on {where}: {_why(error)}")
            raise
        _open[type(factory).__name__] = opened
        return opened

    reactor.listenTCP = listen_or_end


def missing() -> str:
    """Why the gateway is not ready: the first listener that should be open and is not; else ""."""
    for factory, (name, without) in EXPECTED.items():
        if without not in sys.argv and not _is_open(factory):
            return f"the {name} is not open"
    return ""


def _is_open(factory: str) -> bool:
    return factory in _open and bool(_open[factory].connected)


def _why(error: CannotListenError) -> str:
    """The system's words: "Address already in use"."""
    return getattr(error.socketError, "strerror", None) or str(error.socketError)
