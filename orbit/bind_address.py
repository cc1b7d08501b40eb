"""From the address on which a process listens to the one at which it is reached from this host."""

from __future__ import annotations

_EVERY = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "[::]": "[::1]"}


def url_of(bind: str) -> str:
    """`http://127.0.0.1:8000` of `0.0.0.0:8000`; "" of what is no address and port, such as a Unix
    socket."""
    host, colon, port = bind.rpartition(":")
    if not (colon and port.isascii() and port.isdigit()) or ("/" in host):
        return ""
    return f"http://{_EVERY.get(host, host)}:{port}"
