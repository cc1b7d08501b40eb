"""The report of the carrier's answer has the carrier's id."""

from __future__ import annotations

import pytest

from tests.reconciler.launcher.desk import Desk

pytestmark = pytest.mark.stack


def ids(desk: Desk, message: str, level: int) -> list[str | None]:
    found = [each for each in list(desk.reports) if each["id"] == message]
    return [each.get("id_smsc") for each in found if each["level"] == str(level)]


def reported(desk: Desk, carrier) -> tuple[list[str | None], list[str | None]]:
    """The ids of a message's answer and of its receipt."""
    cid = desk.open(carrier())
    message = desk.send(cid, dlr_level=3)
    desk.wait(lambda: desk.reported(message, 1) and desk.reported(message, 2))
    return ids(desk, message, 1), ids(desk, message, 2)


def test_stock_jasmin_does_not_say_it(stock: Desk, carrier):
    answer, receipt = reported(stock, carrier)
    assert answer == [None]
    assert receipt[0]


def test_the_launcher_says_it_with_the_answer(launched: Desk, carrier):
    answer, receipt = reported(launched, carrier)
    assert answer == receipt
    assert answer[0]


def test_a_refusal_has_none(launched: Desk, carrier):
    cid = launched.open(carrier("refuse:ESME_RINVDSTADR"))
    message = launched.send(cid, dlr_level=3)
    launched.wait(lambda: launched.reported(message))
    assert launched.reported(message) == ["ESME_RINVDSTADR"]
    assert ids(launched, message, 1) == [None]
