"""On PYTHONPATH of a site: nobody answers for `*.dead.example`, as a dead name server does.

glibc asks a server twice, five seconds each, and no variable names another server.
"""

from __future__ import annotations

import socket
import time

TWICE = 10.0  # seconds
_answered = socket.getaddrinfo


def _getaddrinfo(host: object, *args: object, **options: object) -> list:
    if isinstance(host, str) and host.endswith(".dead.example"):
        time.sleep(TWICE)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    return _answered(host, *args, **options)


socket.getaddrinfo = _getaddrinfo
