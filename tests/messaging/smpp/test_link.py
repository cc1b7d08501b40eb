"""Connections to checked addresses, and the true cause when there is none."""

from __future__ import annotations

import errno
import socket
import time

import pytest

from messaging.net.errors import (
    BadStream,
    ConnectionLost,
    ConnectRefused,
    ConnectTimedOut,
    Deadline,
    NoAnswer,
    Unreachable,
)
from messaging.smpp import link as connect
from messaging.smpp.link import Link, open_link
from messaging.smpp.protocol import pdu
from orbit.dev.simulator import SimulatorThread
from tests.messaging.smpp.peers import dead_port

ENQUIRE = pdu.write("enquire_link", sequence=1)


def soon() -> Deadline:
    return Deadline.after(10)


def link_to(port: int, **options) -> Link:
    return open_link(address="127.0.0.1", port=port, deadline=soon(), **options)


def test_a_name_is_never_connected_to():
    with pytest.raises(ValueError, match="localhost"):
        open_link(address="localhost", port=2775, deadline=soon())


def test_nagle_is_off(smsc: SimulatorThread):
    with link_to(smsc.port) as link:
        assert link._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_dead_port_is_called_refused():
    port = dead_port()
    with pytest.raises(ConnectRefused, match=f"connection refused by 127.0.0.1:{port}"):
        link_to(port)


def test_ipv6_works_and_is_written_in_brackets(peer):
    server = peer(lambda c: c.sendall(ENQUIRE), family=socket.AF_INET6)
    with open_link(address="::1", port=server.port, deadline=soon()) as link:
        assert link.read(deadline=soon()) == ENQUIRE
        assert link.peer == f"[::1]:{server.port}"


def test_a_deadline_that_has_passed_is_a_timeout_not_a_refusal(smsc: SimulatorThread):
    with pytest.raises(ConnectTimedOut):
        open_link(address="127.0.0.1", port=smsc.port, deadline=Deadline.after(0))


@pytest.mark.parametrize("code", [errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EACCES])
def test_no_way_there_is_called_by_its_name(monkeypatch, code):
    def fails(self, address):
        raise OSError(code, "as it is")

    monkeypatch.setattr(connect.socket.socket, "connect", fails)
    with pytest.raises(Unreachable, match=errno.errorcode[code]):
        link_to(2775)


def test_a_firewall_that_drops_is_called_no_answer(monkeypatch):
    def hangs(self, address):
        raise TimeoutError

    monkeypatch.setattr(connect.socket.socket, "connect", hangs)
    with pytest.raises(ConnectTimedOut, match="no answer from 127.0.0.1:2775"):
        link_to(2775)


def test_bytes_are_not_lost_when_a_read_times_out(peer):
    halves = []

    def serve(connection):
        connection.sendall(ENQUIRE[:7])
        halves.append(connection.recv(1))
        connection.sendall(ENQUIRE[7:] + ENQUIRE)
        connection.recv(1)

    server = peer(serve)
    with link_to(server.port) as link:
        for _ in range(3):
            with pytest.raises(NoAnswer):
                link.read(deadline=Deadline.after(0.05))
        link.send(b"x", deadline=soon())
        assert [link.read(deadline=soon()) for _ in range(2)] == [ENQUIRE, ENQUIRE]


def test_a_drip_of_bytes_does_not_stretch_the_deadline(peer):
    def serve(connection):
        for byte in ENQUIRE * 1000:
            connection.sendall(bytes([byte]))
            if server.done.wait(0.02):
                return

    server = peer(serve)
    with link_to(server.port) as link:
        deadline = Deadline.after(0.2)
        with pytest.raises(NoAnswer):
            for _ in range(1000):
                link.read(deadline=deadline)
        assert deadline.left() == 0


def test_a_close_is_called_a_close(peer):
    server = peer(lambda connection: None)
    with (
        link_to(server.port) as link,
        pytest.raises(ConnectionLost, match=r"closed by|lost \(ECONNRESET"),
    ):
        link.read(deadline=soon())


def test_what_is_no_smpp_is_called_so(peer):
    server = peer(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    with link_to(server.port) as link, pytest.raises(BadStream, match="no SMPP"):
        link.read(deadline=soon())


def test_a_peer_that_does_not_read_runs_into_the_deadline(peer):
    server = peer(lambda connection: server.done.wait(30))
    with (
        link_to(server.port) as link,
        pytest.raises(NoAnswer, match="does not take data"),
    ):
        link.send(b"x" * 50_000_000, deadline=Deadline.after(0.2))


def test_a_deadline_within_another_ends_with_the_first_of_them():
    assert Deadline.after(100).within(1).left() <= 1
    assert Deadline.after(1).within(100).left() <= 1
    assert Deadline(time.monotonic() - 5).left() == 0
