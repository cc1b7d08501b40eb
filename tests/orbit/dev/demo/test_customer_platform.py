"""The organisation's own platform, bound to a simulator that plays the gateway."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from messaging.net.errors import LinkError
from orbit.dev.demo import customer_platform as platform_module
from orbit.dev.demo.checks import Failed, wait_for
from orbit.dev.demo.customer_platform import Access, Platform, RefusedByGateway
from orbit.dev.simulator import SimulatorThread

FRANCE = "33612345678"


@pytest.fixture
def gateway() -> Iterator[SimulatorThread]:
    with SimulatorThread(tls=False) as smsc:
        yield smsc
        assert smsc.errors == []


@pytest.fixture
def access(gateway: SimulatorThread) -> Access:
    gateway.add_system("acme", "s3cret")
    return Access("127.0.0.1", gateway.port, "acme", "s3cret")


def test_each_message_has_its_id_and_its_receipt(gateway, access) -> None:
    with Platform(access) as platform:
        ids = [platform.send(FRANCE, f"Message {number}") for number in (1, 2, 3)]
        assert platform.wait_for_receipts(set(ids)) == dict.fromkeys(ids, "DELIVRD")

    submits = gateway.system("acme").submits
    assert [submit.message_id for submit in submits] == ids
    assert [submit.text for submit in submits] == ["Message 1", "Message 2", "Message 3"]
    assert {(submit.dest_addr_ton, submit.dest_addr_npi) for submit in submits} == {(1, 1)}


def test_a_bad_receipt_says_so(gateway, access) -> None:
    gateway.add_system("acme", "s3cret", ["receipt:UNDELIV"])
    with Platform(access) as platform:
        message_id = platform.send(FRANCE, "hello")
        assert platform.wait_for_receipts({message_id}) == {message_id: "UNDELIV"}


def test_a_receipt_that_does_not_come_is_a_failure(gateway, access, monkeypatch) -> None:
    gateway.add_system("acme", "s3cret", ["no-receipt"])
    monkeypatch.setattr(platform_module, "wait_for", partial(wait_for, timeout=0))
    with Platform(access) as platform:
        message_id = platform.send(FRANCE, "hello")
        with pytest.raises(Failed, match="the receipts of all 1 messages"):
            platform.wait_for_receipts({message_id})


def test_a_refusal_and_a_lost_gateway_are_errors(gateway, access) -> None:
    gateway.add_system("acme", "s3cret", ["refuse:ESME_RINVDSTADR:first=1"])
    with Platform(access) as platform:
        with pytest.raises(RefusedByGateway, match="ESME_RINVDSTADR"):
            platform.send(FRANCE, "hello")
        gateway.stop()
        with pytest.raises(LinkError):
            platform.send(FRANCE, "hello")


def test_a_refused_bind_is_an_error(gateway, access) -> None:
    gateway.add_system("acme", "another")
    with pytest.raises(RefusedByGateway), Platform(access):
        pass


def test_the_bind_ends_with_its_block_and_shows_no_password(gateway, access) -> None:
    with Platform(access):
        assert gateway.system("acme").counts()["live_binds"] == 1
    gateway.wait_for(lambda: gateway.system("acme").counts()["live_binds"] == 0)
    assert "s3cret" not in repr(access)
