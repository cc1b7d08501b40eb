"""The URL at which a process is reached from this host, made from the address it listens on."""

from __future__ import annotations

# Where what listens everywhere is reached.
_EVERY = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "[::]": "[::1]"}  # nosec B104  # nothing is bound


def url_of(bind: str) -> str:
    """Return `http://127.0.0.1:8000` for `0.0.0.0:8000`; "" for anything but an address and a port,
    such as a Unix socket."""
    host, colon, port = bind.rpartition(":")
    if not (colon and port.isascii() and port.isdigit()) or ("/" in host):
        return ""
    return f"http://{_EVERY.get(host, host)}:{port}"
