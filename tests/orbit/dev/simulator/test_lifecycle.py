"""Carriers that die, return, and change their mind about who may bind."""

from __future__ import annotations

import pytest
from smpplib.exceptions import ConnectionError as LinkLost
from smpplib.exceptions import PDUError

from orbit.dev.simulator import SimulatorThread


@pytest.fixture
def acme(smsc: SimulatorThread):
    return smsc.add_system("acme", "secret")


def test_a_carrier_that_dies_cuts_its_binds_and_returns_on_the_same_port(smsc, acme, esme):
    client, port = esme(), smsc.port
    client.bind()
    smsc.stop()
    with pytest.raises(LinkLost):
        client.client.read_pdu()
    with pytest.raises(LinkLost):
        esme()
    assert acme.live_binds == 0
    smsc.start()
    assert smsc.port == port
    esme().bind()
    assert acme.binds_accepted == 2


def test_binds_of_one_system_can_be_cut(smsc, acme, esme):
    smsc.add_system("other", "hidden")
    first, second = esme(), esme()
    first.bind()
    second.bind(system_id="other", password="hidden")
    smsc.drop_binds("acme")
    with pytest.raises(LinkLost):
        first.client.read_pdu()
    assert second.submit().status == 0


def test_a_new_password_holds_for_the_next_bind_and_leaves_the_live_one(smsc, acme, esme):
    live = esme()
    live.bind()
    acme.password = "changed"
    assert live.submit().status == 0
    with pytest.raises(PDUError):
        esme().bind()
    esme().bind(password="changed")


def test_a_system_that_is_removed_loses_its_binds(smsc, acme, esme):
    client = esme()
    client.bind()
    smsc.remove_system("acme")
    with pytest.raises(LinkLost):
        client.client.read_pdu()
    with pytest.raises(PDUError):
        esme().bind()


def test_waiting_for_what_never_comes_says_what_was_counted(smsc, acme):
    with pytest.raises(TimeoutError, match="bind_attempts"):
        smsc.wait_for(lambda: acme.live_binds, timeout=0.02)
