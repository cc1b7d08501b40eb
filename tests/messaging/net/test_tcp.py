"""TCP to checked addresses, and the true cause when there is no connection."""

from __future__ import annotations

import errno
import socket

import pytest

from messaging.net.deadline import Deadline
from messaging.net.errors import ConnectRefused, ConnectTimedOut, Unreachable
from messaging.net.tcp import open_tcp
from orbit.dev.simulator import SimulatorThread
from tests.messaging.net.peers import dead_port


def soon() -> Deadline:
    return Deadline.after(10)


def connected_to(port: int) -> socket.socket:
    return open_tcp(address="127.0.0.1", port=port, deadline=soon())


def test_a_name_is_never_connected_to():
    with pytest.raises(ValueError, match="localhost"):
        open_tcp(address="localhost", port=2775, deadline=soon())


def test_nagle_is_off(smsc: SimulatorThread):
    with connected_to(smsc.port) as sock:
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_dead_port_is_called_refused():
    port = dead_port()
    with pytest.raises(ConnectRefused, match=f"connection refused by 127.0.0.1:{port}"):
        connected_to(port)


def test_a_deadline_that_has_passed_is_a_timeout_not_a_refusal(smsc: SimulatorThread):
    with pytest.raises(ConnectTimedOut):
        open_tcp(address="127.0.0.1", port=smsc.port, deadline=Deadline.after(0))


@pytest.mark.parametrize("code", [errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EACCES])
def test_no_way_there_is_called_by_its_name(monkeypatch, code):
    def fails(self, address):
        raise OSError(code, "as it is")

    monkeypatch.setattr(socket.socket, "connect", fails)
    with pytest.raises(Unreachable, match=errno.errorcode[code]):
        connected_to(2775)


def test_a_firewall_that_drops_is_called_no_answer(monkeypatch):
    def hangs(self, address):
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", hangs)
    with pytest.raises(ConnectTimedOut, match="no answer from 127.0.0.1:2775"):
        connected_to(2775)
