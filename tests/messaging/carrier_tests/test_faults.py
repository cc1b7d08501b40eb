"""Every fault of a carrier or its network gets a cause, the status by its name, and a hint.

From POST to the test as it is read afterwards. Faults that last for ever or half a minute meet
limits of 0.3 s: that these tests end shows that nothing takes longer than its setting.
"""

from __future__ import annotations

import itertools

import pytest

from messaging.smpp.protocol.command_status import by_name
from orbit.dev.simulator.faults import KINDS
from tests.messaging.carrier_tests.conftest import assert_failed, failed_at

# fault → step that fails, cause, status
REFUSED = {
    "wrong-password": ("bind", "wrong_password", "ESME_RINVPASWD"),
    "bind-fail": ("bind", "bind_refused", "ESME_RBINDFAIL"),
    "bind-fail:ESME_RINVSYSID": ("bind", "unknown_system_id", "ESME_RINVSYSID"),
    "already-bound:0": ("bind", "already_bound", "ESME_RALYBND"),
    "throttled:on=bind": ("bind", "throttled", "ESME_RTHROTTLED"),
    "throttled": ("submit", "throttled", "ESME_RTHROTTLED"),
    "refuse:ESME_RMSGQFUL": ("submit", "queue_full", "ESME_RMSGQFUL"),
    "refuse:ESME_RINVSRCADR": ("submit", "sender_refused", "ESME_RINVSRCADR"),
    "refuse:ESME_RINVDSTADR": ("submit", "destination_refused", "ESME_RINVDSTADR"),
    "nack": ("submit", "submit_refused", "ESME_RINVMSGLEN"),
    "needs-tlv:0x1400": ("submit", "submit_refused", "ESME_RMISSINGOPTPARAM"),
    "refuse:0x401": ("submit", "submit_refused", "ESME_0x00000401"),
    "refuse:ESME_RSUBMITFAIL": ("submit", "submit_refused", "ESME_RSUBMITFAIL"),
}
# fault → step that fails, cause
CUT_OFF = {
    "drop-before-answer": ("submit", "connection_lost"),
    "drop-before-answer:on=bind": ("bind", "connection_lost"),
    "drop-mid-pdu": ("submit", "connection_lost"),
    "drop-mid-pdu:on=bind": ("bind", "connection_lost"),
}
ENDLESS = {
    "blackhole": ("bind", "bind_timeout"),
    "blackhole:on=submit": ("submit", "submit_timeout"),
    "slow:30": ("bind", "bind_timeout"),
    "slow:30:on=submit": ("submit", "submit_timeout"),
}
NO_RECEIPT = {
    "no-receipt": "no_receipt",
    "late-receipt:30": "no_receipt",
    "receipt:UNKNOWN": "no_receipt",
    "no-id": "no_message_id",
    "unknown-form": "receipt_form",
    "receipt-word:BUFFRED": "no_receipt",
    "hex-ids": "receipt_id_format",
    "decimal-ids": "receipt_id_format",
}
UNDELIVERED = [f"receipt:{state}" for state in ("EXPIRED", "DELETED", "UNDELIV", "REJECTD")]
HARMLESS = [
    "already-bound",
    "kick-oldest",
    "slow:0.05",
    "late-receipt:0.2",
    "early-receipt",
    "double-receipt",
    "equal-ids",
    "receipt:DELIVRD",
    "cut-keeps-seat:1",
    "unbind-keeps-seat:1",
    "smpp-5",
    "bare-bind-answer",
    "trailing-nuls",
    "odd-tlvs",
    "padded-ids",
    "upper-ids",
    "receipt-word:Delivrd",
    "receipt-word:DELIVERED",
    "interim:ACKED",
    "interim:ENROUTE",
    "tlv-receipt",
    "payload-receipt",
    "data-sm-receipt",
    "utf16-receipt",
    "wrong-coding",
    "unmarked-receipt",
    "receipt-error:0x45",
    "network-error:030802",
    "blanks",
    "first-part-only",
    "bad-first-part",
    "forged-receipt",
    "reply",
]


@pytest.fixture
def short_wait(settings) -> None:
    settings.CARRIER_TEST_RECEIPT_TIMEOUT = 0.3


def test_every_fault_that_the_simulator_knows_is_here():
    tried = itertools.chain(REFUSED, CUT_OFF, ENDLESS, NO_RECEIPT, UNDELIVERED, HARMLESS)

    assert {fault.partition(":")[0] for fault in tried} == KINDS.keys()


@pytest.mark.parametrize("fault", REFUSED)
def test_a_refusal_has_its_status(tested, system, fault):
    step, cause, status = REFUSED[fault]
    system.faults = [fault]

    test = tested()

    assert (test["status"], test["error"]["cause"], failed_at(test)) == ("failed", cause, [step])
    described = by_name(status)
    assert test["smpp_status"] == {
        "value": described.value,
        "name": status,
        "meaning": described.meaning,
        "hint": described.hint,
    }
    assert status in test["error"]["message"]
    assert test["error"]["hint"] == described.hint != ""
    answer = test["pdus"][1 if step == "bind" else 3]
    assert (answer["direction"], answer["status"]) == ("in", described.value)


@pytest.mark.parametrize("fault", CUT_OFF)
def test_a_connection_that_is_cut_is_named(tested, system, fault):
    system.faults = [fault]
    assert_failed(tested(), *CUT_OFF[fault])


@pytest.mark.usefixtures("short_steps")
@pytest.mark.parametrize("fault", ENDLESS)
def test_silence_ends_at_the_limit_of_its_step(tested, system, fault):
    system.faults = [fault]
    test = tested()
    assert_failed(test, *ENDLESS[fault])
    assert "within 0.3 s" in test["error"]["message"]


@pytest.mark.usefixtures("short_wait")
@pytest.mark.parametrize("fault", NO_RECEIPT)
def test_a_receipt_that_does_not_come_or_fit_is_named(tested, system, fault):
    system.faults = [fault]

    test = tested()

    assert (test["status"], failed_at(test)) == ("no_receipt", ["receipt"])
    assert test["error"]["cause"] == NO_RECEIPT[fault]
    assert "within 0.3 s" in test["error"]["message"]
    assert test["error"]["hint"]
    assert bool(test["message_id"]) is (fault != "no-id")


@pytest.mark.parametrize("fault", UNDELIVERED)
def test_a_bad_receipt_is_named(tested, system, fault):
    system.faults = [fault]

    test = tested()

    assert (test["status"], test["error"]["cause"]) == ("undelivered", "undelivered")
    assert fault.removeprefix("receipt:") in test["error"]["message"]
    assert test["error"]["hint"]


@pytest.mark.parametrize("fault", HARMLESS)
def test_what_does_no_harm_is_no_failure(tested, system, fault):
    system.faults = [fault]

    test = tested()

    assert (test["status"], test["error"], test["smpp_status"]) == ("delivered", None, None)
