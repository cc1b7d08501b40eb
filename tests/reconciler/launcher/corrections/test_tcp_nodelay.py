"""Whether what Jasmin writes waits for acknowledgements, as the kernel has it of each connection.

How much faster a bind is with that: tests/benchmarks/test_wire.py.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reconciler.launcher.desk import Desk

pytestmark = pytest.mark.stack

PIDFD_GETFD = 438  # a system call: a copy of another process's file descriptor
LIBC = ctypes.CDLL(None, use_errno=True)


def connections(pid: int) -> Iterator[socket.socket]:
    """Copies of its TCP connections."""
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


def delayed(desk: Desk, smsc) -> list[bool]:
    """Of each connection, with a bind and an open console among them."""
    desk.open(smsc)
    with desk.person():
        return [
            not each.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            for each in connections(desk.jasmin.pid)
        ]


def test_stock_waits_for_acknowledgements(stock, carrier) -> None:
    assert any(delayed(stock, carrier()))


def test_nothing_waits_for_an_acknowledgement(launched, carrier) -> None:
    found = delayed(launched, carrier())
    assert len(found) > 1  # carrier, console
    assert not any(found)
