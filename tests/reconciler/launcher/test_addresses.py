"""What the carrier sees of senders, numbers and long texts."""

from __future__ import annotations

import pytest

from orbit.dev.simulator import SimulatorThread
from orbit.dev.simulator.submits import Submit
from tests.reconciler.launcher.desk import Desk

pytestmark = pytest.mark.stack

SENDERS = "long_code=1/1,short_code=3/0,alphanumeric=5/0"
EURO = "€" * 76 + "x" + "€" * 80  # the 153rd octet of the first part is an escape
EMOJI = "x" * 66 + "👋" * 40  # the 67th unit of the first part is half of a pair
TEN_PARTS = "0123456789" * 150


def addresses(desk: Desk, smsc: SimulatorThread, **keys: object) -> list[tuple]:
    cid = desk.open(smsc, **keys)
    for sender in ("ACME", "38600", "+33612345678"):
        desk.send(cid, to="+33687654321", **{"from": sender})
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


def test_senders_that_are_none_are_refused(launched) -> None:
    with launched.person() as person:
        for wrong in ("nonsense", "long_code=999/1", "vanity=1/1"):
            person.type("smppccm -a")
            person.type("cid nothing")
            person.type(f"senders {wrong}")
            assert person.type("ok")[0].startswith("Error: senders must be such as")
            person.type("ko")


def parts(desk: Desk, smsc: SimulatorThread, text: str) -> list[Submit]:
    cid = desk.open(smsc)
    form = {"coding": 8, "hex-content": text.encode("utf-16-be").hex()} if "👋" in text else {}
    desk.send(cid, text, **form)
    desk.send(cid, "the end")
    smsc.wait_for(lambda: smsc.system("acme").submits[-1:] and _last(smsc) == "the end")
    return [submit for submit in smsc.system("acme").submits if submit.part]


def _last(smsc: SimulatorThread) -> str:
    return smsc.system("acme").submits[-1].text


@pytest.mark.parametrize("text", [EURO, EMOJI, TEN_PARTS])
def test_stock_cuts_inside_characters_or_drops_the_rest(stock, carrier, text) -> None:
    assert "".join(part.text for part in parts(stock, carrier(), text)) != text


@pytest.mark.parametrize("text", [EURO, EMOJI, TEN_PARTS])
def test_long_texts_leave_whole(launched, carrier, text) -> None:
    found = parts(launched, carrier(), text)

    assert "".join(part.text for part in found) == text
    reference = found[0].part[0]
    assert [part.part for part in found] == [
        (reference, len(found), number) for number in range(1, len(found) + 1)
    ]
