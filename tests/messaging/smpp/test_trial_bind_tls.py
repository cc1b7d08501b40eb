"""Trial binds over TLS: which check failed, and what to do about it."""

from __future__ import annotations

from messaging.net.tls import Tls
from tests.messaging.net.authority import Authority, serving
from tests.messaging.smpp.trials import attempt


def test_tls_against_a_plain_port_leaves_it_open(carrier):
    trial = attempt(carrier.port, tls=Tls("127.0.0.1"))
    assert (trial.result, trial.connected) == ("inconclusive", False)
    assert "TLS" in trial.reason


def test_plain_against_a_tls_port_leaves_it_open(carrier):
    trial = attempt(carrier.tls_port)
    assert (trial.result, trial.connected) == ("inconclusive", True)


def test_a_certificate_that_fails_its_check_says_which_and_the_fix(peer):
    authority = Authority()
    trusting = {"authorities": authority.certificate}
    for pair, tls, said in (
        (authority.issue(), Tls("127.0.0.1"), "`tls_ca`"),
        (authority.issue("x.example"), Tls("127.0.0.1", **trusting), "`tls_server_name`"),
        (authority.issue(begin=-2, end=-1), Tls("127.0.0.1", **trusting), "has expired"),
    ):
        trial = attempt(peer(serving(pair)).port, tls=tls)
        assert (trial.result, trial.connected) == ("inconclusive", False)
        assert "(smpp.carrier.example)" in trial.reason
        assert said in trial.reason


def test_a_client_certificate_that_is_missing_leaves_it_open_and_is_named(peer):
    authority = Authority()
    server = peer(serving(authority.issue(), clients_of=authority.certificate))
    trial = attempt(server.port, tls=Tls("127.0.0.1", authorities=authority.certificate))
    assert (trial.result, trial.connected) == ("inconclusive", False)
    assert "`tls_certificate` and `tls_key`" in trial.reason
