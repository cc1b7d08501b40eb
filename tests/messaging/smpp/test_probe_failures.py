"""Test sends that fail before the carrier accepts the message: each cause is named."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from messaging.net import resolution
from messaging.net.host_policy import HostPolicy
from messaging.net.tls import Tls
from messaging.smpp.probe import probe
from tests.messaging.net.authority import Authority, serving
from tests.messaging.net.peers import Peer, dead_port
from tests.messaging.smpp.probing import LONG, NO_ANSWER, SECRET, Report, message, send, target


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What the name server answers; other names don't exist."""
    answers: dict[str, list[str]] = {}

    def getaddrinfo(host: str, *_args: Any, **_options: Any) -> list[tuple]:
        if host not in answers:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(0, 0, 0, "", (address, 0)) for address in answers[host]]

    monkeypatch.setattr(resolution, "getaddrinfo", getaddrinfo)
    return answers


# What comes before a bind.


def test_a_dead_port_is_named(report):
    port = dead_port()
    outcome = send(target(port), report)
    assert outcome.failure.cause == "connection_refused"
    assert outcome.failure.message == f"connection refused by 127.0.0.1:{port}"
    assert report.names == ["resolve", "connect!"]


def test_silence_at_the_port_is_named(report):
    """A listener whose queue is full, as Linux has it: the handshake is never answered."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            outcome = send(target(port), report, timeouts=NO_ANSWER)
    assert outcome.failure.cause == "connect_timeout"
    assert "firewall" in outcome.failure.hint


def test_a_name_that_does_not_resolve_is_named(names, report):
    outcome = send(target(2775, host="smpp.carrier.example"), report)
    assert outcome.failure.cause == "name_not_resolved"
    assert "smpp.carrier.example does not exist" in outcome.failure.message
    assert report.names == ["resolve!"]


def test_a_name_that_points_at_us_is_not_connected_to(names, smsc, system, report):
    names["smpp.carrier.example"] = ["127.0.0.1"]
    strict = HostPolicy.build(own=[])
    to = target(smsc.port, host="smpp.carrier.example")
    outcome = probe(to, message(), policy=strict, timeouts=LONG, observer=report)
    assert outcome.failure.cause == "host_not_allowed"
    assert smsc.connections == 0


def test_the_next_address_is_tried_when_one_is_dead(names, smsc, system, report):
    names["smpp.carrier.example"] = ["127.0.0.9", "127.0.0.1"]
    outcome = send(target(smsc.port, host="smpp.carrier.example"), report)
    assert outcome.state == "delivered"
    assert report.detail("connect") == f"127.0.0.1:{smsc.port}"


def test_all_dead_addresses_are_named(names, report):
    names["smpp.carrier.example"] = ["127.0.0.8", "127.0.0.9"]
    outcome = send(target(dead_port(), host="smpp.carrier.example"), report)
    assert outcome.failure.cause == "connection_refused"
    assert "127.0.0.8" in outcome.failure.message
    assert "127.0.0.9" in outcome.failure.message


def test_a_self_signed_certificate_is_named(smsc, system, report):
    outcome = send(target(smsc.tls_port, tls=Tls("127.0.0.1")), report)
    assert (outcome.state, outcome.failure.cause) == ("failed", "tls_certificate")
    assert "self-signed" in outcome.failure.message
    assert "`tls_ca`" in outcome.failure.hint
    assert report.names == ["resolve", "connect", "tls!"]
    assert system.bind_attempts == 0


@pytest.mark.usefixtures("trusted")
def test_a_good_certificate_is_checked_and_taken(smsc, system, report):
    assert send(target(smsc.tls_port, tls=Tls("127.0.0.1")), report).state == "delivered"
    assert report.names[1:3] == ["connect", "tls"]
    assert report.detail("tls").startswith("TLSv1.3")
    assert "valid for 127.0.0.1" in report.detail("tls")


def test_a_certificate_that_is_not_to_be_checked_is_not(smsc, system, report):
    assert send(target(smsc.tls_port, tls=Tls("x.example", verify=False)), report).state == (
        "delivered"
    )
    assert "not checked (`tls_verify`: none)" in report.detail("tls")


def test_a_certificate_for_another_name_is_named(names, smsc, system, report):
    names["smpp.carrier.example"] = ["127.0.0.1"]
    tls = Tls("smpp.carrier.example", authorities=smsc.certificate)
    outcome = send(target(smsc.tls_port, host="smpp.carrier.example", tls=tls), report)
    assert outcome.failure.cause == "tls_certificate"
    assert "smpp.carrier.example" in outcome.failure.message
    assert "`tls_server_name`" in outcome.failure.hint


def test_an_expired_certificate_is_named(peer, report):
    authority = Authority()
    server = peer(serving(authority.issue(end=-1, begin=-2)))
    tls = Tls("127.0.0.1", authorities=authority.certificate)
    outcome = send(target(server.port, tls=tls), report)
    assert outcome.failure.cause == "tls_certificate"
    assert "expired" in outcome.failure.message
    assert "install a new certificate" in outcome.failure.hint


def test_a_client_certificate_that_is_missing_is_named(peer, report):
    authority = Authority()
    server = peer(serving(authority.issue(), clients_of=authority.certificate))
    tls = Tls("127.0.0.1", authorities=authority.certificate)
    outcome = send(target(server.port, tls=tls), report)
    assert outcome.failure.cause == "tls_client_certificate"
    assert "asks for a client certificate, and there is none" in outcome.failure.message
    assert "`tls_certificate` and `tls_key`" in outcome.failure.hint
    assert report.names == ["resolve", "connect", "tls", "bind!"]


def test_tls_to_a_plain_port_is_named(smsc, system, report):
    outcome = send(target(smsc.port, tls=Tls("127.0.0.1")), report)
    assert outcome.failure.cause == "tls_handshake"


def test_plain_to_a_tls_port_is_named(smsc, system, report):
    outcome = send(target(smsc.tls_port), report)
    assert outcome.failure.cause in ("connection_lost", "not_smpp")
    assert "TLS" in outcome.failure.hint


def test_what_is_no_smsc_is_named(report):
    def serve(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

    peer = Peer(serve)
    outcome = send(target(peer.port), report)
    peer.close()
    assert outcome.failure.cause == "not_smpp"


# What a bind can meet.


@pytest.mark.parametrize(
    ("fault", "cause", "status"),
    [
        ("wrong-password", "wrong_password", "ESME_RINVPASWD"),
        ("bind-fail", "bind_refused", "ESME_RBINDFAIL"),
        ("bind-fail:ESME_RINVSYSID", "unknown_system_id", "ESME_RINVSYSID"),
        ("bind-fail:0x0404", "bind_refused", "ESME_0x00000404"),
        ("already-bound:0", "already_bound", "ESME_RALYBND"),
        ("throttled:on=bind", "throttled", "ESME_RTHROTTLED"),
    ],
)
def test_a_refused_bind_says_why(smsc, system, report, fault, cause, status):
    system.faults = [fault]
    outcome = send(target(smsc.port), report)
    assert (outcome.state, outcome.failure.cause) == ("failed", cause)
    assert outcome.failure.status.name == status
    assert status in outcome.failure.message
    assert outcome.failure.hint == outcome.failure.status.hint
    assert report.names == ["resolve", "connect", "bind!"]
    assert report.detail("bind") == outcome.failure.message


def test_a_wrong_password_is_named(smsc, system, report):
    outcome = send(target(smsc.port, account={"password": "wrong"}), report)
    assert outcome.failure.cause == "wrong_password"


def test_a_carrier_that_allows_one_bind_is_told_apart(smsc, system, report, raw):
    """The live bind stays, and the advice is another one than without it."""
    system.faults = ["already-bound"]
    assert raw().bind(password=SECRET).status == 0
    beside = send(target(smsc.port, live_bind=True), report)
    alone = send(target(smsc.port), Report())
    assert (beside.failure.cause, alone.failure.cause) == ("already_bound", "already_bound")
    assert "via: gateway" in beside.failure.hint
    assert "via: gateway" not in alone.failure.hint
    assert system.live_binds == 1


@pytest.mark.parametrize(
    ("fault", "cause", "words"),
    [
        ("drop-before-answer:on=bind", "connection_lost", "connection closed by"),
        ("drop-mid-pdu:on=bind", "connection_lost", "in the middle of a PDU, at the bind"),
        ("blackhole", "bind_timeout", "no answer to the bind within 2 s"),
        ("slow:30:on=bind", "bind_timeout", "no answer to the bind within 2 s"),
    ],
)
def test_a_bind_without_an_answer_says_so(smsc, system, report, fault, cause, words):
    system.faults = [fault]
    timeouts = NO_ANSWER if "timeout" in cause else LONG
    outcome = send(target(smsc.port), report, timeouts=timeouts)
    assert (outcome.state, outcome.failure.cause) == ("failed", cause)
    assert words in outcome.failure.message
    assert outcome.failure.hint
    assert report.names[-1] == "bind!"


def test_a_slow_answer_within_the_limit_counts(smsc, system, report):
    system.faults = ["slow:0.2"]
    assert send(target(smsc.port), report).state == "delivered"
    assert all(step.ms >= 0 for step in report.steps)


# What a submit can meet.


@pytest.mark.parametrize(
    ("fault", "cause", "status"),
    [
        ("throttled", "throttled", "ESME_RTHROTTLED"),
        ("refuse:ESME_RINVSRCADR", "sender_refused", "ESME_RINVSRCADR"),
        ("refuse:ESME_RINVDSTADR", "destination_refused", "ESME_RINVDSTADR"),
        ("refuse:ESME_RSUBMITFAIL", "submit_refused", "ESME_RSUBMITFAIL"),
        ("refuse:ESME_RMSGQFUL", "queue_full", "ESME_RMSGQFUL"),
    ],
)
def test_a_refused_submit_says_why(smsc, system, report, fault, cause, status):
    system.faults = [fault]
    outcome = send(target(smsc.port), report)
    assert (outcome.state, outcome.failure.cause) == ("failed", cause)
    assert outcome.failure.status.name == status
    assert outcome.failure.hint == outcome.failure.status.hint
    assert report.names == ["resolve", "connect", "bind", "submit!", "unbind"]
    assert report.message_id is None


def test_a_refused_part_is_named(smsc, system, report):
    system.faults = ["throttled:every=2"]
    outcome = send(target(smsc.port), report, sent=message("x" * 400))
    assert "part 2 of 3" in outcome.failure.message
    assert len(system.submits) == 2


@pytest.mark.parametrize(
    ("fault", "cause", "words", "ends"),
    [
        ("drop-before-answer", "connection_lost", "at the submit", "submit!"),
        ("drop-mid-pdu", "connection_lost", "in the middle of a PDU", "submit!"),
        ("blackhole:on=submit", "submit_timeout", "no answer to the submit", "unbind!"),
        ("slow:30:on=submit", "submit_timeout", "within 2 s", "unbind"),
    ],
)
def test_a_submit_without_an_answer_says_so(smsc, system, report, fault, cause, words, ends):
    system.faults = [fault]
    timeouts = NO_ANSWER if "timeout" in cause else LONG
    outcome = send(target(smsc.port), report, timeouts=timeouts)
    assert (outcome.state, outcome.failure.cause) == ("failed", cause)
    assert words in outcome.failure.message
    assert "may have gone out" in outcome.failure.hint
    assert report.names[-1] == ends


def test_a_receiver_cannot_submit(smsc, system, report):
    outcome = send(target(smsc.port, account={"bind_type": "receiver"}), report)
    assert outcome.failure.status.name == "ESME_RINVBNDSTS"
