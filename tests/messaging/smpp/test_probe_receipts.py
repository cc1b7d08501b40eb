"""Test sends and their receipts."""

from __future__ import annotations

import pytest

from messaging.smpp.probe import Outcome, Timeouts
from tests.messaging.smpp.probing import NO_RECEIPT, SECRET, Report, message, send, target


def test_no_receipt_is_named(smsc, system, report):
    system.faults = ["no-receipt"]
    outcome = send(target(smsc.port), report, timeouts=NO_RECEIPT)
    assert (outcome.state, outcome.failure.cause) == ("no_receipt", "no_receipt")
    assert outcome.failure.message == "no delivery receipt within 0.3 s"
    assert report.names == ["resolve", "connect", "bind", "submit", "receipt!", "unbind"]
    assert report.message_id


def test_a_receipt_later_than_the_limit_is_none(smsc, system, report):
    system.faults = ["late-receipt:30"]
    assert send(target(smsc.port), report, timeouts=NO_RECEIPT).state == "no_receipt"


def test_a_late_receipt_within_the_limit_counts(smsc, system, report):
    system.faults = ["late-receipt:0.2"]
    assert send(target(smsc.port), report).state == "delivered"


@pytest.mark.parametrize("fault", ["early-receipt", "double-receipt", "equal-ids"])
def test_receipts_may_come_in_odd_ways(smsc, system, report, fault):
    system.faults = [fault]
    assert send(target(smsc.port), report, sent=message("x" * 400)).state == "delivered"


@pytest.mark.parametrize("state", ["UNDELIV", "EXPIRED", "REJECTD", "DELETED"])
def test_a_bad_receipt_says_what(smsc, system, report, state):
    system.faults = [f"receipt:{state}"]
    outcome = send(target(smsc.port), report)
    assert (outcome.state, outcome.failure.cause) == ("undelivered", "undelivered")
    assert f"{state}, err 001" in outcome.failure.message
    assert report.names[-2:] == ["receipt!", "unbind"]


@pytest.mark.parametrize("state", ["ACCEPTD", "UNKNOWN"])
def test_an_interim_receipt_is_not_the_last(smsc, system, report, state):
    system.faults = [f"receipt:{state}"]
    outcome = send(target(smsc.port), report, timeouts=NO_RECEIPT)
    assert outcome.state == "no_receipt"
    assert f"only {state}" in outcome.failure.message
    assert system.receipts["acknowledged"] == 1


def test_one_bad_part_is_enough(smsc, system, report):
    system.faults = ["receipt:UNDELIV:every=2"]
    assert send(target(smsc.port), report, sent=message("x" * 400)).state == "undelivered"


@pytest.mark.parametrize(
    ("fault", "message_id_format"), [("hex-ids", "receipt_decimal"), ("decimal-ids", "receipt_hex")]
)
def test_ids_in_another_base_are_matched_by_the_format(
    smsc, system, report, fault, message_id_format
):
    system.faults = [fault]
    sent = message(message_id_format=message_id_format)
    assert send(target(smsc.port), report, sent=sent).state == "delivered"


@pytest.mark.parametrize(
    ("fault", "right"), [("hex-ids", "receipt_decimal"), ("decimal-ids", "receipt_hex")]
)
def test_a_wrong_format_is_found_out(smsc, system, report, fault, right):
    system.faults = [fault]
    outcome = send(target(smsc.port), report, timeouts=NO_RECEIPT)
    assert (outcome.state, outcome.failure.cause) == ("no_receipt", "receipt_id_format")
    assert f"`{right}`" in outcome.failure.hint
    assert system.receipts["acknowledged"] == 0


def test_a_transmitter_is_done_when_the_carrier_has_it(smsc, system, report):
    outcome = send(target(smsc.port, account={"bind_type": "transmitter"}), report)
    assert outcome == Outcome("submitted")
    assert report.names == ["resolve", "connect", "bind", "submit", "receipt", "unbind"]
    assert "none can come" in report.detail("receipt")


def test_receipts_of_others_are_left_with_the_carrier(smsc, system, report, raw):
    """Of a live transmitter, waiting for a bind that may have them."""
    other = raw()
    other.bind("transmitter", password=SECRET)
    for _ in range(3):
        other.submit(registered_delivery=1, source_addr="ACME")
    smsc.wait_for(lambda: len(system.waiting) == 3)
    system.faults = ["no-receipt"]
    outcome = send(target(smsc.port), report, timeouts=Timeouts(step=10, receipt=1))
    assert outcome.state == "no_receipt"
    assert "not for this message were left with the carrier" in outcome.failure.message
    assert system.receipts["acknowledged"] == 0
    assert system.receipts["postponed"] >= 3
    answers = [line for line in report.pdus if line["command"] == "deliver_sm_resp"]
    assert {line["status"] for line in answers} == {0x64}  # ESME_RX_T_APPN


def test_an_equal_id_for_another_number_is_not_ours(smsc, system, report, raw):
    system.faults = ["equal-ids"]
    other = raw()
    other.bind("transmitter", password=SECRET)
    other.submit(registered_delivery=1, destination_addr="33699999999")
    smsc.wait_for(lambda: system.waiting)
    system.faults = ["equal-ids", "no-receipt"]
    system._equal_ids = 0  # ids start anew, as they do after a restart of such a carrier
    outcome = send(target(smsc.port), report, timeouts=NO_RECEIPT)
    assert outcome.state == "no_receipt"
    assert "gives ids out twice" in outcome.failure.hint
    assert system.receipts["acknowledged"] == 0


def test_a_carrier_that_dies_while_we_wait_is_named(smsc, system, report):
    system.faults = ["no-receipt"]

    class Killer(Report):
        def submitted(self, message_id: str) -> None:
            super().submitted(message_id)
            smsc.drop_binds("acme")

    killer = Killer()
    outcome = send(target(smsc.port), killer)
    assert (outcome.state, outcome.failure.cause) == ("no_receipt", "connection_lost")
    assert killer.names[-1] == "receipt!"


def test_enquire_link_is_answered_while_we_wait(make_smsc, report):
    smsc = make_smsc(enquire_link=0.05)
    system = smsc.add_system("acme", SECRET, ["late-receipt:0.4"])
    assert send(target(smsc.port), report).state == "delivered"
    assert system.bind_attempts == 1
    assert ("in", "enquire_link") in {(p["direction"], p["command"]) for p in report.pdus}
