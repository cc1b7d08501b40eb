"""TCP ports on loopback, reserved against other stacks for as long as this one runs."""

from __future__ import annotations

import random
import socket

from orbit.dev.stack.errors import StackError

# Below the kernel's ephemeral range (32768-60999), so that no outgoing connection uses one.
RANGE = range(20_000, 32_000)


class Ports:
    """Reserves TCP ports until `close`.

    A reservation is a bound socket that never listens. It is bound without SO_REUSEADDR, so that
    the kernel refuses us a port in use, and refuses ours to other stacks. The option is set
    afterwards: then a server that sets it too (all of ours do) can bind and listen beside it, as
    often as it restarts. To bind, release and start the server would leave a moment in which
    another process can take the port.
    """

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []

    def reserve(self) -> int:
        """A free port on 127.0.0.1. Raises StackError when none of 200 tries is free."""
        for port in random.sample(RANGE, 200):  # nosec B311  # no secret
            reservation = socket.socket()
            try:
                reservation.bind(("127.0.0.1", port))
            except OSError:
                reservation.close()
                continue
            reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._sockets.append(reservation)
            return port
        raise StackError("no free port on 127.0.0.1 between 20000 and 31999")

    def close(self) -> None:
        """Free all ports."""
        while self._sockets:
            self._sockets.pop().close()
