"""TLS binds: only a carrier that is verified gets our password."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.messaging.net.authority import Authority, context
from tests.reconciler.launcher.lane.conftest import CID, LaneProcess, settings, until
from tests.reconciler.launcher.lane.smsc import BIND_TRX, Smsc

OURS = Authority()


@pytest.fixture
def carrier() -> Iterator[Callable[..., Smsc]]:
    """`carrier(context(pair))`: a carrier over TLS."""
    with contextlib.ExitStack() as started:

        def start(over: ssl.SSLContext | None) -> Smsc:
            smsc = Smsc(over)
            started.callback(smsc.stop)
            return smsc

        yield start


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Callable[..., LaneProcess]]:
    started: list[LaneProcess] = []

    def start(smsc: Smsc, **changed: Any) -> LaneProcess:
        given = settings(smsc.port, tls=True, loss_delay=30, bind_timeout=3, **changed)
        started.append(LaneProcess(tmp_path / "lane", {CID: given}))
        return started[-1]

    yield start
    for each in started:
        each.kill()


def test_a_carrier_that_is_who_it_should_be_is_bound_and_verified(carrier, program) -> None:
    smsc = carrier(context(OURS.issue("smsc.example")))
    ours = program(smsc, tls_ca=OURS.certificate, tls_server_name="smsc.example")

    ours.bound()
    assert ours.state()["tls_verified"] is True
    ours.submit(ours.message())
    assert ours.wait_for_records(1, "answer")


def test_a_backup_has_a_name_of_its_own(carrier, program) -> None:
    wrong = carrier(context(OURS.issue("other.example")))
    right = carrier(context(OURS.issue("backup.example")))
    backups = [["127.0.0.1", right.port, "backup.example"]]
    ours = program(wrong, tls_ca=OURS.certificate, tls_server_name="smsc.example", backups=backups)

    ours.bound()

    assert ours.state()["tls_verified"] is True
    assert right.of(BIND_TRX) and not wrong.of(BIND_TRX)


def test_without_a_name_the_host_is_checked(carrier, program) -> None:
    ours = program(carrier(context(OURS.issue("127.0.0.1"))), tls_ca=OURS.certificate)

    ours.bound()


def test_the_name_is_sent_as_sni(carrier, program) -> None:
    over, asked = context(OURS.issue("smsc.example")), []
    over.sni_callback = lambda sock, name, context: asked.append(name)
    for number, verify in enumerate(("full", "none")):
        ours = program(
            carrier(over),
            tls_ca=OURS.certificate,
            tls_server_name="smsc.example",
            tls_verify=verify,
        )
        ours.bound()
        ours.kill()
        assert asked == ["smsc.example"] * (number + 1)


def test_the_carriers_own_certificate_may_be_trusted(carrier, program) -> None:
    pair = OURS.issue("127.0.0.1")
    ours = program(carrier(context(pair)), tls_ca=pair.certificate)

    ours.bound()


@pytest.mark.parametrize(
    ("pair", "ca", "why"),
    [
        (OURS.issue("other.example"), OURS.certificate, "another name"),
        (OURS.issue("127.0.0.1"), Authority().certificate, "certificate verify failed"),
        (OURS.issue("127.0.0.1"), "", "certificate verify failed"),
        (OURS.issue("127.0.0.1", lifetime_over=True), OURS.certificate, "verify failed"),
    ],
    ids=["name", "another authority", "no authority of the system", "expired"],
)
def test_a_carrier_that_fails_verification_gets_no_password(
    carrier, program, pair, ca, why
) -> None:
    smsc = carrier(context(pair))
    ours = program(smsc, tls_ca=ca)

    until(lambda: why in ours.state()["link_error"], lambda: ours.state()["link_error"])

    assert not smsc.received
    assert ours.state()["tls_verified"] is False


def test_without_verification_it_is_only_encrypted(carrier, program) -> None:
    smsc = carrier(context(OURS.issue("other.example", lifetime_over=True)))
    ours = program(smsc, tls_verify="none")

    ours.bound()
    assert ours.state()["tls_verified"] is False


def test_a_carrier_that_asks_gets_our_certificate(carrier, program) -> None:
    clients = Authority("Clients")
    smsc = carrier(context(OURS.issue(), clients_of=clients.certificate))
    pair = clients.issue("acme.example")
    ours = program(
        smsc, tls_ca=OURS.certificate, tls_certificate=pair.certificate, tls_key=pair.key
    )

    ours.bound()


def test_a_port_without_tls_is_named(carrier, program) -> None:
    smsc = carrier(None)

    def plain(link, sequence, body):
        link.send(b"\0\0\0\x10\x80\0\0\0\0\0\0\x03\0\0\0\0")

    smsc.on[BIND_TRX] = plain
    ours = program(smsc)

    until(lambda: ours.state()["link_error"])
    assert "TLS" in ours.state()["link_error"]


def test_a_key_that_is_none_is_named_and_nothing_of_it_is_said(carrier, program) -> None:
    smsc = carrier(context(OURS.issue()))
    ours = program(smsc, tls_certificate=OURS.issue().certificate, tls_key="hidden")

    until(lambda: "tls_key is no PEM" in ours.state()["link_error"])
    assert "hidden" not in ours.state()["link_error"]


def test_a_key_of_another_certificate_is_named(carrier, program) -> None:
    smsc = carrier(context(OURS.issue()))
    ours = program(smsc, tls_certificate=OURS.issue().certificate, tls_key=OURS.issue().key)

    until(lambda: "tls_key is not the key" in ours.state()["link_error"])
