"""Binds over TLS through a gateway: what is verified, and the status that shows it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from messaging.smpp.protocol import pdu
from reconciler import runs
from reconciler.result import Ending
from tests.e2e.waiting import eventually
from tests.messaging.net.authority import Authority, Pair, context
from tests.reconciler.conftest import make_credential
from tests.reconciler.passes import run, status

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


class Carrier:
    """Answers binds over TLS, to clients of an authority alone if one is given; `bound`: how many
    were."""

    def __init__(self, pair: Pair, clients_of: str = "") -> None:
        self._context = context(pair, clients_of=clients_of)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.bound, self.passwords = 0, []
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            try:
                secured = self._context.wrap_socket(connection, server_side=True)
                bind = pdu.read(secured.recv(1024))
                self.passwords.append(bind.text("password"))
                secured.sendall(
                    pdu.write(f"{bind.command}_resp", sequence=bind.sequence, system_id=b"smsc")
                )
                self.bound += 1
                self._open.append(secured)
            except OSError:
                connection.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        for connection in self._open:
            connection.close()


@pytest.fixture
def carrier() -> Iterator[Callable[..., Carrier]]:
    made = []

    def make(*args: object, **options: object) -> Carrier:
        made.append(Carrier(*args, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


def bound(gateway, credential, carrier: Carrier) -> bool:
    """Run a pass that finds the bind up; return whether it is verified."""
    result = run(gateway)
    assert result.ending is Ending.APPLIED, result.changes
    eventually(lambda: carrier.bound)
    assert run(gateway).ending is Ending.IN_SYNC
    seen = status(credential)
    assert (seen.sync_state, seen.bind_state) == ("synced", "bound")
    return seen.tls_verified


def test_a_carrier_whose_certificate_stands_the_check_is_verified(
    gateway, organization, carrier, authority
):
    found = carrier(authority.issue("smpp.carrier.example"))
    credential = make_credential(
        organization, port=found.port, system_id="acme", password="sixteen-letters!", tls=True,
        tls_ca=authority.certificate, tls_server_name="smpp.carrier.example",
    )  # fmt: skip

    assert bound(gateway, credential, found) is True
    assert found.passwords == ["sixteen-letters!"]


def test_a_carrier_that_is_not_to_be_checked_is_bound_and_not_verified(
    gateway, organization, carrier, authority
):
    found = carrier(authority.issue(lifetime_over=True))
    credential = make_credential(
        organization, port=found.port, system_id="acme", tls=True, tls_verify="none"
    )

    assert bound(gateway, credential, found) is False


def test_our_certificate_is_shown_to_a_carrier_that_asks_for_one(
    gateway, organization, carrier, authority
):
    found = carrier(authority.issue(), clients_of=authority.certificate)
    ours = authority.issue("acme")
    credential = make_credential(
        organization, port=found.port, system_id="acme", tls=True, tls_ca=authority.certificate,
        tls_certificate=ours.certificate, tls_key=ours.key,
    )  # fmt: skip

    assert bound(gateway, credential, found) is True


def test_the_certificate_itself_may_be_what_is_trusted(gateway, organization, carrier, authority):
    pair = authority.issue()
    found = carrier(pair)
    credential = make_credential(
        organization, port=found.port, system_id="acme", tls=True, tls_ca=pair.certificate
    )

    assert bound(gateway, credential, found) is True


@pytest.mark.parametrize(
    ("issue", "settings", "said"),
    [
        ({}, {"tls_ca": None}, "unable to get local issuer"),
        ({"name": "other.example"}, {}, "not valid for '127.0.0.1'|IP address mismatch"),
        ({"lifetime_over": True}, {}, "expired"),
    ],
)
def test_a_carrier_that_fails_its_check_is_not_bound_and_told_why(
    gateway, organization, carrier, authority, issue, settings, said
):
    found = carrier(authority.issue(**issue))
    fields = {"tls": True, "tls_ca": authority.certificate} | settings
    credential = make_credential(organization, port=found.port, system_id="acme", **fields)

    for _ in range(2):
        runs.run(gateway, trigger="beat")

    seen = status(credential)
    assert (seen.sync_state, seen.bind_state, seen.tls_verified) == ("synced", "unbound", False)
    assert any(each in seen.bind_error for each in said.split("|")), seen.bind_error
    assert "`tls_verify`: none" in seen.bind_error
    assert found.bound == 0
