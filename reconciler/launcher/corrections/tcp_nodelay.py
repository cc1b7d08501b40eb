"""TCP_NODELAY on all sockets.

Jasmin's fault (everywhere; Twisted sets nothing by itself): its sockets keep Nagle's algorithm. A
small write waits for the acknowledgement of the one before, which the peer delays by 40 ms. One
request and answer with a carrier takes that long: 24 messages/s a bind.

The cure: TCP_NODELAY on every socket that Twisted opens or accepts (SMPP, console, HTTP).
"""

from __future__ import annotations

import socket

from twisted.internet import tcp


def correct() -> None:
    open_socket, accept = tcp.Client.createInternetSocket, tcp.Server.__init__

    def open_without_delay(self: tcp.Client) -> socket.socket:
        opened = open_socket(self)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def accept_without_delay(self: tcp.Server, accepted: socket.socket, *args: object) -> None:
        if accepted.family in (socket.AF_INET, socket.AF_INET6):
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        accept(self, accepted, *args)

    tcp.Client.createInternetSocket = open_without_delay
    tcp.Server.__init__ = accept_without_delay
