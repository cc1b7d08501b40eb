"""A Jasmin that can't listen where it should ends, so that its supervisor tries again.

Jasmin's fault (bin/jasmind.py:417 and five times more): a port that is taken is a line in its log,
then it says "Started" and lives on without its SMPP server, its HTTP API or its console.

The cure: the process ends with status 75 and a line that names the port. Which ports are open is
known here, for those who ask whether this Jasmin is up (readiness.py).
"""

from __future__ import annotations

import sys
from typing import Any

from twisted.internet import reactor
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort

from reconciler.launcher.exit_status import end

# By the name of the factory that jasmind gives to the reactor: what people call it, and the option
# without which jasmind starts it.
EXPECTED = {
    "AccessFactory": ("SMPP server", "--disable-smpp-server"),
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
            end(f"the {name} can't listen on {where}: {_why(error)}")
            raise
        _open[type(factory).__name__] = opened
        return opened

    reactor.listenTCP = listen_or_end


def missing() -> str:
    """What is said of the first listener that should be open and is not; "" if none is."""
    for factory, (name, without) in EXPECTED.items():
        if without not in sys.argv and not _is_open(factory):
            return f"the {name} is not open"
    return ""


def _is_open(factory: str) -> bool:
    return factory in _open and bool(_open[factory].connected)


def _why(error: CannotListenError) -> str:
    """As the system says it: "Address already in use"."""
    return getattr(error.socketError, "strerror", None) or str(error.socketError)
