"""Parts of long texts, as the carrier sees them."""

from __future__ import annotations

import pytest

from orbit.dev.simulator import SimulatorThread
from orbit.dev.simulator.submits import Submit
from tests.reconciler.launcher.jasmin_client import JasminClient

pytestmark = pytest.mark.stack

EURO = "€" * 76 + "x" + "€" * 80  # the 153rd octet of the first part is an escape
EMOJI = "x" * 66 + "👋" * 40  # the 67th unit of the first part is half of a pair
TEN_PARTS = "0123456789" * 150


def parts(client: JasminClient, smsc: SimulatorThread, text: str) -> list[Submit]:
    cid = client.open(smsc)
    form = {"coding": 8, "hex-content": text.encode("utf-16-be").hex()} if "👋" in text else {}
    client.send(cid, text, **form)
    client.send(cid, "the end")
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
