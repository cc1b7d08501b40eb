"""Keys of a connector that a stock Jasmin does not have: what they mean and what they refuse."""

from __future__ import annotations

import pytest

from orbit.dev.simulator import SimulatorThread
from tests.reconciler.launcher.jasmin_client import JasminClient

pytestmark = pytest.mark.stack

SENDERS = "long_code=1/1,short_code=3/0,alphanumeric=5/0"


def addresses(client: JasminClient, smsc: SimulatorThread, **keys: object) -> list[tuple]:
    cid = client.open(smsc, **keys)
    for sender in ("ACME", "38600", "+33612345678"):
        client.send(cid, to="+33687654321", **{"from": sender})
    smsc.wait_for(lambda: smsc.system("acme").submit_count == 3)
    return [
        (s.source_addr_ton, s.source_addr_npi, s.source_addr, s.destination_addr)
        for s in smsc.system("acme").submits
    ]


def test_stock_calls_every_sender_a_number(stock, carrier) -> None:
    found = addresses(stock, carrier())

    assert {(ton, npi) for ton, npi, *_ in found} == {(2, 1)}
    assert found[-1][2:] == ("+33612345678", "+33687654321")


def test_each_sender_has_the_type_that_the_carrier_wants(launched, carrier) -> None:
    found = addresses(launched, carrier(), senders=SENDERS, plus="no")

    assert found == [
        (5, 0, "ACME", "33687654321"),
        (3, 0, "38600", "33687654321"),
        (1, 1, "33612345678", "33687654321"),
    ]


def test_a_carrier_may_want_the_plus(launched, carrier) -> None:
    found = addresses(launched, carrier(), senders=SENDERS, plus="yes")

    assert found[-1] == (1, 1, "+33612345678", "+33687654321")


def test_malformed_senders_are_refused(launched) -> None:
    with launched.person() as person:
        for wrong in ("nonsense", "long_code=999/1", "vanity=1/1"):
            person.type("smppccm -a")
            person.type("cid nothing")
            person.type(f"senders {wrong}")
            assert person.type("ok")[0].startswith("Error: senders must be such as")
            person.type("ko")
