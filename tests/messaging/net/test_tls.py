"""TLS: certificate checks, client certificates, and the causes of failures."""

from __future__ import annotations

import ssl

import pytest

from messaging.net.deadline import Deadline
from messaging.net.errors import (
    ConnectionLost,
    TlsCertificateError,
    TlsClientCertificateError,
    TlsExpired,
    TlsHandshakeError,
    TlsOwnCertificateError,
    TlsUnknownAuthority,
    TlsWrongName,
)
from messaging.net.tls import Tls
from messaging.smpp.link import Link, open_link
from messaging.smpp.protocol import pdu
from orbit.dev.simulator import SimulatorThread
from tests.messaging.net.authority import Authority, Pair, serving

ENQUIRE = pdu.write("enquire_link", sequence=1)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def soon() -> Deadline:
    return Deadline.after(10)


def link_to(port: int, tls: Tls) -> Link:
    return open_link(address="127.0.0.1", port=port, deadline=soon(), tls=tls)


def echoes(port: int, tls: Tls) -> bool:
    """Whether what is sent comes back."""
    with link_to(port, tls) as link:
        link.send(ENQUIRE, deadline=soon())
        return link.read(deadline=soon()) == ENQUIRE


def test_without_a_check_a_certificate_of_any_kind_is_taken(peer, authority):
    for pair in (authority.issue("elsewhere.example"), authority.issue(lifetime_over=True)):
        assert echoes(peer(serving(pair)).port, Tls("127.0.0.1", verify=False))


def test_a_chain_to_an_authority_that_is_not_trusted_is_named(peer, authority):
    with pytest.raises(TlsUnknownAuthority, match="unable to get local issuer"):
        link_to(peer(serving(authority.issue())).port, Tls("127.0.0.1"))


def test_a_self_signed_certificate_is_named(smsc: SimulatorThread):
    with pytest.raises(TlsUnknownAuthority, match="self-signed"):
        link_to(smsc.tls_port, Tls("localhost"))


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_a_self_signed_certificate_may_be_its_own_authority(smsc: SimulatorThread, name):
    with link_to(smsc.tls_port, Tls(name, authorities=smsc.certificate)) as link:
        link.send(ENQUIRE, deadline=soon())
        assert pdu.header(link.read(deadline=soon())).command == "enquire_link_resp"


def test_an_authority_that_is_given_stands_for_the_systems(peer, authority):
    server = peer(serving(authority.issue()))
    assert echoes(server.port, Tls("127.0.0.1", authorities=authority.certificate))
    other = peer(serving(authority.issue()))
    with pytest.raises(TlsUnknownAuthority):
        link_to(other.port, Tls("127.0.0.1", authorities=Authority().certificate))


def test_the_certificate_itself_may_be_trusted_without_its_issuer(peer, authority):
    pair = authority.issue()
    assert echoes(peer(serving(pair)).port, Tls("127.0.0.1", authorities=pair.certificate))


def test_a_certificate_for_another_name_is_named(peer, authority):
    server = peer(serving(authority.issue("smpp.other.example")))
    with pytest.raises(TlsWrongName, match=r"not valid for 'smpp.carrier.example'"):
        link_to(server.port, Tls("smpp.carrier.example", authorities=authority.certificate))


def test_a_certificate_for_another_address_is_named(peer, authority):
    server = peer(serving(authority.issue("192.0.2.1")))
    with pytest.raises(TlsWrongName, match="IP address mismatch"):
        link_to(server.port, Tls("127.0.0.1", authorities=authority.certificate))


@pytest.mark.parametrize(("begin", "end", "said"), [(-2, -1, "expired"), (1, 2, "not yet valid")])
def test_a_certificate_out_of_its_time_is_named(peer, authority, begin, end, said):
    server = peer(serving(authority.issue(begin=begin, end=end)))
    with pytest.raises(TlsExpired, match=said):
        link_to(server.port, Tls("127.0.0.1", authorities=authority.certificate))


def ours(authority: Authority, pair: Pair) -> Tls:
    return Tls("127.0.0.1", True, authority.certificate, pair.certificate, pair.key)


@pytest.mark.parametrize("old", [False, True])
def test_our_certificate_is_shown_to_who_asks_for_it(peer, authority, old):
    server = peer(serving(authority.issue(), clients_of=authority.certificate, old=old))
    assert echoes(server.port, ours(authority, authority.issue("acme")))


def test_a_carrier_that_asks_for_a_certificate_and_gets_none_says_so(peer, authority):
    server = peer(serving(authority.issue(), clients_of=authority.certificate))
    with pytest.raises(TlsClientCertificateError, match="asks for a client certificate"):
        echoes(server.port, Tls("127.0.0.1", authorities=authority.certificate))


def test_an_old_carrier_that_gets_none_breaks_off(peer, authority):
    server = peer(serving(authority.issue(), clients_of=authority.certificate, old=True))
    with pytest.raises((TlsClientCertificateError, TlsHandshakeError)):
        echoes(server.port, Tls("127.0.0.1", authorities=authority.certificate))


@pytest.mark.parametrize("old", [False, True])
def test_a_carrier_that_does_not_take_our_certificate_says_why(peer, authority, old):
    server = peer(serving(authority.issue(), clients_of=authority.certificate, old=old))
    with pytest.raises(TlsClientCertificateError, match="unknown ca"):
        echoes(server.port, ours(authority, Authority("Another").issue("acme")))


def test_what_a_carrier_said_before_it_closed_is_told(peer, authority):
    """The alert of TLS 1.3 comes when we may be sending already."""
    server = peer(serving(authority.issue(), clients_of=authority.certificate))
    with (
        link_to(server.port, Tls("127.0.0.1", authorities=authority.certificate)) as link,
        pytest.raises(TlsClientCertificateError),
    ):
        server._thread.join(10)
        for _ in range(100):
            link.send(ENQUIRE, deadline=soon())


def test_a_certificate_of_ours_without_its_key_is_a_fault_of_ours(peer, authority):
    mixed = Pair(authority.issue("acme").certificate, authority.issue("acme").key)
    server = peer(serving(authority.issue()))
    with pytest.raises(TlsOwnCertificateError, match="can't be used"):
        link_to(server.port, ours(authority, mixed))


def test_the_key_is_in_no_repr(authority):
    pair = authority.issue()
    assert pair.key not in repr(ours(authority, pair))


def test_the_name_is_asked_for(peer, authority):
    asked = []
    pair = authority.issue("smpp.carrier.example")

    def serve(connection):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sni_callback = lambda sock, name, context: asked.append(name)
        context.wrap_socket(connection, server_side=True)

    server = peer(serve)
    with pytest.raises((TlsHandshakeError, TlsCertificateError, ConnectionLost)):
        link_to(server.port, Tls("smpp.carrier.example", authorities=pair.certificate))
    assert asked == ["smpp.carrier.example"]


def test_tls_to_a_plain_smpp_port_says_so(smsc: SimulatorThread):
    with pytest.raises(TlsHandshakeError, match="a port without TLS"):
        link_to(smsc.port, Tls("127.0.0.1"))


def test_tls_to_a_peer_that_hangs_up_says_so(peer):
    server = peer(lambda connection: connection.recv(1))
    with pytest.raises(TlsHandshakeError, match="closed the connection|failed"):
        link_to(server.port, Tls("127.0.0.1"))


def test_tls_to_a_silent_peer_ends_with_the_deadline(peer):
    server = peer(lambda connection: server.done.wait(30))
    deadline, tls = Deadline.after(0.2), Tls("127.0.0.1")
    with pytest.raises(TlsHandshakeError, match="no answer"):
        open_link(address="127.0.0.1", port=server.port, deadline=deadline, tls=tls)
