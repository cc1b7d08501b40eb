"""Whole PDUs over a connection, and the true cause when it ends."""

from __future__ import annotations

import socket

import pytest

from messaging.net.deadline import Deadline
from messaging.net.errors import (
    BadStream,
    ConnectionLost,
    NoAnswer,
)
from messaging.smpp.link import Link, open_link
from messaging.smpp.protocol import pdu

ENQUIRE = pdu.write("enquire_link", sequence=1)


def soon() -> Deadline:
    return Deadline.after(10)


def link_to(port: int, **options) -> Link:
    return open_link(address="127.0.0.1", port=port, deadline=soon(), **options)


def test_ipv6_works_and_is_written_in_brackets(peer):
    server = peer(lambda c: c.sendall(ENQUIRE), family=socket.AF_INET6)
    with open_link(address="::1", port=server.port, deadline=soon()) as link:
        assert link.read(deadline=soon()) == ENQUIRE
        assert link.peer == f"[::1]:{server.port}"


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
