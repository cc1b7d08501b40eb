"""Faults of the way to a carrier, and of what answers there, get a cause and a hint."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable

import pytest

from messaging.net import resolution
from messaging.smpp.protocol import pdu
from tests.messaging.carrier_tests.conftest import assert_failed, failed_at, names
from tests.messaging.net.peers import Peer, dead_port


@pytest.fixture
def at(credential) -> Callable[..., None]:
    """`at(port=…)`: where the credential says that the carrier is."""

    def move(**fields: object) -> None:
        for name, value in fields.items():
            setattr(credential, name, value)
        credential.save()

    return move


def test_a_dead_port_is_named(tested, at):
    at(port=dead_port())
    assert_failed(tested(), "connect", "connection_refused")


def test_a_name_that_does_not_resolve_is_named(tested, at, monkeypatch):
    def unknown(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(resolution, "getaddrinfo", unknown)
    at(host="smpp.carrier.example")
    test = tested()
    assert_failed(test, "resolve", "name_not_resolved")
    assert "smpp.carrier.example" in test["error"]["message"]


@pytest.mark.usefixtures("short_steps")
def test_a_blackholed_address_is_named(tested, at):
    """A listener whose queue is full: like a firewall that drops, it answers no handshake."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            at(port=port)
            test = tested()
    assert_failed(test, "connect", "connect_timeout")


def test_a_self_signed_certificate_is_named(tested, at, smsc, system):
    at(port=smsc.tls_port, tls=True)
    test = tested()
    assert_failed(test, "tls", "tls_certificate")
    assert "self-signed" in test["error"]["message"]
    assert system.bind_attempts == 0


@pytest.mark.usefixtures("short_steps")
def test_a_tls_handshake_without_an_answer_is_named(tested, at):
    peer = Peer(lambda connection: peer.done.wait(10))
    at(port=peer.port, tls=True)
    test = tested()
    peer.close()
    assert_failed(test, "tls", "tls_handshake")


def test_a_wrong_password_of_ours_is_named(tested, at):
    at(password="other")
    test = tested()
    assert (test["error"]["cause"], failed_at(test)) == ("wrong_password", ["bind"])
    assert test["smpp_status"]["name"] == "ESME_RINVPASWD"


@pytest.mark.parametrize("at_step", ["bind", "submit", "receipt"])
def test_a_carrier_that_keeps_talking_of_other_things_holds_nothing_up(
    tested, at, settings, at_step
):
    """Bytes come all the time, what is waited for never does."""
    settings.CARRIER_TEST_STEP_TIMEOUT = 10 if at_step == "receipt" else 0.3
    settings.CARRIER_TEST_RECEIPT_TIMEOUT = 0.3

    def serve(connection: socket.socket) -> None:
        connection.recv(1000)
        if at_step != "bind":
            connection.sendall(pdu.write("bind_transceiver_resp", sequence=1, system_id="x"))
            connection.recv(1000)
        if at_step == "receipt":
            connection.sendall(pdu.write("submit_sm_resp", sequence=2, message_id="1"))
        for sequence in itertools.count(1):
            connection.sendall(pdu.write("enquire_link", sequence=sequence))
            peer.done.wait(0.01)

    peer = Peer(serve)
    at(port=peer.port)
    test = tested()
    peer.close()
    assert failed_at(test)[0] == at_step
    assert "within 0.3 s" in test["error"]["message"]


def test_a_test_beside_the_only_bind_that_a_carrier_allows_is_told_apart(tested, system, smsc):
    """The second bind is refused, and the first stays as it was."""
    system.faults = ["already-bound"]
    with socket.create_connection(("127.0.0.1", smsc.port), timeout=10) as live:
        live.sendall(
            pdu.write("bind_transceiver", sequence=1, system_id="acme", password=system.password)
        )
        smsc.wait_for(lambda: system.live_binds == 1)
        test = tested(via="direct")
        assert system.live_binds == 1
    assert test["error"]["cause"] == "already_bound"
    assert names(test) == ["resolve", "connect", "bind!"]
    assert test["smpp_status"]["name"] == "ESME_RALYBND"
