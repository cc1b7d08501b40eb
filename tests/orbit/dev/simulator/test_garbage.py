"""Bytes that no ESME would send: the connection may end, the carrier stays."""

from __future__ import annotations

import contextlib
import socket
import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from smpplib import consts

from messaging.net.deadline import Deadline
from messaging.net.errors import ConnectionLost, ConnectRefused, LinkError, NoAnswer
from messaging.net.tls import Tls
from messaging.smpp.link import open_link
from messaging.smpp.protocol import pdu
from messaging.smpp.protocol.command_ids import NAMES
from orbit.dev.simulator import SimulatorThread

pytestmark = pytest.mark.filterwarnings("error")

BIND = pdu.write("bind_transceiver", sequence=1, system_id="acme", password="secret")
ENQUIRE = pdu.write("enquire_link", sequence=77)
UNCHECKED = Tls("127.0.0.1", verify=False)


def frame(command: int, body: bytes, *, length: int | None = None, sequence: int = 5) -> bytes:
    return struct.pack(">LLLL", length or 16 + len(body), command, 0, sequence) + body


@pytest.fixture
def acme(smsc: SimulatorThread):
    return smsc.add_system("acme", "secret")


@pytest.mark.parametrize("length", [1, 15, 0x7FFFFFFF])
def test_a_length_that_cannot_be_is_nacked_and_ends_the_connection(smsc, raw, length):
    client = raw()
    client.send(frame(0x15, b"", length=length))
    head, _ = client.read()
    assert (head.command, head.status) == ("generic_nack", consts.SMPP_ESME_RINVCMDLEN)
    with pytest.raises(ConnectionLost):
        client.read()


def test_an_unknown_command_is_nacked_and_the_connection_goes_on(smsc, raw):
    client = raw()
    client.send(frame(0x999, b"whatever", sequence=42))
    head, _ = client.read()
    assert (head.command, head.sequence) == ("generic_nack", 42)
    assert head.status == consts.SMPP_ESME_RINVCMDID
    assert client.ask("enquire_link").command == "enquire_link_resp"


def test_a_body_that_cannot_be_read_is_nacked_and_the_connection_goes_on(smsc, acme, raw):
    client = raw()
    client.bind()
    client.send(frame(0x04, b"\0\1", sequence=43))  # a submit_sm that ends in the middle
    head, _ = client.read()
    assert (head.command, head.sequence, head.status) == (
        "generic_nack",
        43,
        consts.SMPP_ESME_RINVCMDLEN,
    )
    assert client.ask("enquire_link").command == "enquire_link_resp"


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_bind_that_is_cut_short_is_no_bind(smsc, acme, raw, cut):
    client = raw()
    client.send(frame(0x09, BIND[16:-cut]))
    assert client.read()[0].command == "generic_nack"
    assert acme.bind_attempts == 0


@pytest.mark.parametrize("command", [0x80000001, 0x80000004, 0x80000005, 0x80000015, 0x80000000])
def test_an_answer_to_nothing_is_ignored(smsc, acme, raw, command):
    client = raw()
    client.bind()
    client.send(frame(command, b"", sequence=9999))
    assert client.ask("enquire_link").command == "enquire_link_resp"


def test_a_peer_that_reads_nothing_does_not_stop_the_others(make_smsc, raw):
    smsc = make_smsc(tls=False, keep_log=False)
    smsc.add_system("acme", "secret")
    listening = smsc._simulator.listeners[0].server.sockets[0]
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)  # else it takes megabytes
    deaf = raw(smsc.port)
    deaf.link._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.bind()
    with pytest.raises(NoAnswer):  # at some point neither side takes any more
        deaf.link.send(ENQUIRE * 1_000_000, deadline=Deadline.after(0.5))
    other = raw(smsc.port)
    assert other.bind().status == 0


def test_a_pdu_in_single_bytes_is_understood(smsc, acme, raw):
    client = raw()
    for byte in BIND:
        client.send(bytes([byte]))
    assert client.read()[0].status == 0


_COMMANDS = st.sampled_from([*sorted(NAMES), 0x123])
_GARBAGE = st.lists(
    st.one_of(
        st.binary(max_size=60),
        st.builds(frame, _COMMANDS, st.binary(max_size=60)),
        st.builds(
            lambda command, body, length: frame(command, body, length=length),
            _COMMANDS,
            st.binary(max_size=30),
            st.integers(16, 80),
        ),
        st.sampled_from([BIND, BIND[:20], ENQUIRE]),
    ),
    max_size=6,
)


@given(pieces=_GARBAGE, bound=st.booleans())
@settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_bytes_at_all_hurt_the_carrier(smsc, pieces, bound):
    smsc.add_system("acme", "secret")
    deadline = Deadline.after(10)
    with (
        open_link(address="127.0.0.1", port=smsc.port, deadline=deadline) as link,
        contextlib.suppress(LinkError),
    ):
        link.send((BIND if bound else b"") + b"".join(pieces), deadline=deadline)
        link.read(deadline=Deadline.after(0.002))
    with open_link(address="127.0.0.1", port=smsc.port, deadline=deadline) as link:
        link.send(ENQUIRE, deadline=deadline)
        assert pdu.header(link.read(deadline=deadline)).sequence == 77
    assert smsc.errors == []


@given(junk=st.binary(max_size=100))
@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_bytes_at_all_hurt_the_tls_port(smsc, junk):
    deadline = Deadline.after(10)
    with (
        open_link(address="127.0.0.1", port=smsc.tls_port, deadline=deadline) as link,
        contextlib.suppress(LinkError),
    ):
        link.send(junk, deadline=deadline)
    with open_link(
        address="127.0.0.1", port=smsc.tls_port, deadline=deadline, tls=UNCHECKED
    ) as link:
        link.send(ENQUIRE, deadline=deadline)
        assert pdu.header(link.read(deadline=deadline)).sequence == 77


def test_a_stopped_carrier_refuses_connections(smsc, raw):
    smsc.stop()
    with pytest.raises(ConnectRefused):
        raw()
