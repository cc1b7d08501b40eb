"""Ports of our own, reserved against other stacks for as long as ours lives."""

from __future__ import annotations

import random
import socket

from orbit.dev.stack.errors import StackError

# Below the kernel's ephemeral range (32768-60999), so that no outgoing connection sits on one.
RANGE = range(20_000, 32_000)


class Ports:
    """Reserves loopback TCP ports until `close`.

    A reservation is a bound socket that never listens. It was bound without SO_REUSEADDR, so a
    port that anybody holds is refused to us and ours is refused to others who ask alike; the
    option is set afterwards, and then a server that sets it too (all of ours do) may bind and
    listen beside it, again and again. That is what "bind, release, start, hope" can't give.
    """

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []

    def reserve(self) -> int:
        """A free port on 127.0.0.1. Raises StackError when none of 200 tries is free."""
        for port in random.sample(RANGE, 200):
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
        """Gives every port back."""
        while self._sockets:
            self._sockets.pop().close()
