"""Refusals reach those who asked to hear of the end, and not of the answer."""

from __future__ import annotations

import pytest

from messaging.smpp.connect import NoAnswer
from orbit.stack.processes import poll

pytestmark = pytest.mark.stack

REFUSED = "refuse:ESME_RINVDSTADR"


def test_stock_is_silent_when_only_the_end_is_asked_for(stock, carrier) -> None:
    smsc = carrier(REFUSED)
    stock.send(stock.open(smsc), dlr_level=2)

    smsc.wait_for(lambda: smsc.system("acme").submits)
    assert not poll(lambda: bool(stock.reports), timeout=3)


def test_a_refusal_is_an_end(launched, carrier) -> None:
    message = launched.send(launched.open(carrier(REFUSED)), dlr_level=2)

    launched.wait(lambda: launched.reported(message, 2) == ["UNDELIV"])


def test_stock_gives_a_platform_no_receipt_for_a_refusal(stock, carrier) -> None:
    with stock.platform(stock.open(carrier(REFUSED))) as platform:
        platform.submit()
        with pytest.raises(NoAnswer):
            platform.receipt(seconds=3)


def test_a_platform_gets_a_receipt_for_a_refusal(launched, carrier) -> None:
    with launched.platform(launched.open(carrier(REFUSED))) as platform:
        platform.submit()
        assert "stat:UNDELIV" in platform.receipt()
