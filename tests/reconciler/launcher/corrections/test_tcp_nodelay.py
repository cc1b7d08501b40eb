"""TCP_NODELAY, as the kernel has it of each connection.

How much faster a bind is with it: tests/benchmarks/test_wire.py.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reconciler.launcher.jasmin_client import JasminClient

pytestmark = pytest.mark.stack

PIDFD_GETFD = 438  # a system call: a copy of another process's file descriptor
LIBC = ctypes.CDLL(None, use_errno=True)


def connections(pid: int) -> Iterator[socket.socket]:
    """Copies of the process's TCP connections."""
    process = os.pidfd_open(pid)
    try:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):  # closed meanwhile, or no connection
                if os.readlink(link).startswith("socket:"):
                    copied = LIBC.syscall(PIDFD_GETFD, process, int(link.name), 0)
                    assert copied >= 0, os.strerror(ctypes.get_errno())
                    with socket.socket(fileno=copied) as connection:
                        if connection.family == socket.AF_INET and connection.getpeername():
                            yield connection
    finally:
        os.close(process)


def delayed(client: JasminClient, smsc) -> list[bool]:
    """Whether each connection lacks TCP_NODELAY; a bind and an open console are among them."""
    client.open(smsc)
    with client.person():
        return [
            not each.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            for each in connections(client.jasmin.pid)
        ]


def test_stock_waits_for_acknowledgements(stock, carrier) -> None:
    assert any(delayed(stock, carrier()))


def test_nothing_waits_for_an_acknowledgement(launched, carrier) -> None:
    found = delayed(launched, carrier())
    assert len(found) > 1  # carrier, console
    assert not any(found)
