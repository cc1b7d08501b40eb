"""Tests with `via: gateway`: the submit, its answers and receipts."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import pytest
from django.utils import timezone

from messaging import gateway
from messaging.carrier_tests import gateway_results, run
from messaging.gateway import Accepted, JasminReport, Refusal, Refused, Unknown
from messaging.smpp.protocol.segmentation import encode
from tests.messaging.carrier_tests.conftest import bind, names, row


def receipt(token: str, **fields) -> bool:
    """Whether it is a test's."""
    return gateway_results.take(JasminReport(token, **fields))


@pytest.fixture
def sent(api, fake_gateway):
    """A test that the gateway has taken: its id and token."""
    test_id = api.test(via="gateway", body="hello €").json()["data"]["id"]
    run.run(test_id)
    return row(test_id)


def test_the_gateway_is_told_what_was_asked_for(sent, fake_gateway, credential):
    assert fake_gateway.asked == [
        {
            "credential_id": credential.id,
            "sender": "ACME",
            "to": "+33612345678",
            "text": asdict(encode("hello €")),
            "token": sent.id,
            "dlr_token": sent.dlr_token,
            "tlvs": (),
        }
    ]
    assert len(sent.dlr_token) == 32


def test_a_test_that_was_taken_waits_for_its_receipt(api, sent):
    test = api.read(sent.id)
    assert (test["status"], names(test)) == ("submitted", ["submit"])
    assert "gw-1" in test["steps"][0]["detail"]
    assert test["finished_at"] is None
    assert sent.lease_until > timezone.now()


def test_a_delivered_one(api, sent):
    assert receipt(sent.dlr_token, level=1, status="ESME_ROK")
    assert receipt(sent.dlr_token, level=2, status="DELIVRD", message_id="77", error="000")
    test = api.read(sent.id)
    assert (test["status"], test["message_id"], test["error"]) == ("delivered", "77", None)
    assert names(test) == ["submit", "submit", "receipt"]
    assert test["steps"][1]["detail"] == "the carrier answered the submit with ESME_ROK"
    assert test["steps"][2]["detail"] == "DELIVRD (err 000)"
    assert test["finished_at"]


@pytest.mark.parametrize("state", ["UNDELIV", "EXPIRED", "REJECTD", "DELETED", "FAILED"])
def test_an_undelivered_one(api, sent, state):
    receipt(sent.dlr_token, level=2, status=state, message_id="77", error="042")
    test = api.read(sent.id)
    assert (test["status"], test["error"]["cause"]) == ("undelivered", "undelivered")
    assert f"77 says {state}, err 042" in test["error"]["message"]


def test_one_that_the_carrier_refuses(api, sent):
    receipt(sent.dlr_token, level=1, status="ESME_RINVSRCADR")
    test = api.read(sent.id)
    assert (test["status"], test["error"]["cause"]) == ("failed", "sender_refused")
    assert test["smpp_status"]["value"] == 0x0A
    assert names(test) == ["submit", "submit!"]


def test_a_status_that_the_specification_lacks_keeps_its_name(api, sent):
    receipt(sent.dlr_token, level=1, status="RESERVEDSTATUS_VENDOR_SPECIFIC")
    test = api.read(sent.id)
    assert test["smpp_status"]["name"] == "RESERVEDSTATUS_VENDOR_SPECIFIC"


def test_interim_states_are_steps_and_no_end(api, sent):
    receipt(sent.dlr_token, level=2, status="ENROUTE", message_id="77")
    assert api.read(sent.id)["status"] == "submitted"
    receipt(sent.dlr_token, level=2, status="DELIVRD", message_id="77")
    test = api.read(sent.id)
    assert (test["status"], names(test)) == ("delivered", ["submit", "receipt", "receipt"])


def test_what_the_carrier_does_not_know_is_a_step_and_no_end(api, sent):
    receipt(sent.dlr_token, level=2, status="UNKNOWN", message_id="77")
    test = api.read(sent.id)
    assert (test["status"], names(test)) == ("submitted", ["submit", "receipt"])


REPORTS = [
    {"level": 1, "status": "ESME_ROK"},
    {"level": 2, "status": "DELIVRD", "message_id": "77"},
    {"level": 2, "status": "UNDELIV", "message_id": "78"},
    {"level": 1, "status": "ESME_RTHROTTLED"},
]


def test_reports_after_the_end_change_nothing(api, sent):
    receipt(sent.dlr_token, **REPORTS[1])
    before = api.read(sent.id)
    for report in REPORTS:
        assert receipt(sent.dlr_token, **report)
    assert api.read(sent.id) == before


def test_a_doubled_report_is_one_step(api, sent):
    for _ in range(3):
        receipt(sent.dlr_token, level=1, status="ESME_ROK")
    assert names(api.read(sent.id)) == ["submit", "submit"]


@pytest.mark.parametrize("token", ["", "f" * 32, "nonsense"])
def test_a_token_of_nobody_s_is_told_so(api, sent, credential, token):
    before = api.read(sent.id)
    assert not receipt(token, level=2, status="DELIVRD")
    assert api.read(sent.id) == before


def test_an_empty_token_is_not_that_of_direct_tests(api, system):
    test_id = api.test(via="direct").json()["data"]["id"]
    assert not receipt("", level=2, status="DELIVRD")
    assert row(test_id).status == "queued"


def test_reports_may_be_faster_than_the_answer(api, fake_gateway):
    def report(token: str) -> None:
        receipt(token, level=1, status="ESME_ROK")
        receipt(token, level=2, status="DELIVRD", message_id="77")

    fake_gateway.meanwhile = report
    test_id = api.test(via="gateway").json()["data"]["id"]
    run.run(test_id)
    assert api.read(test_id)["status"] == "delivered"


def test_the_carrier_s_answer_starts_the_wait_anew(api, sent):
    receipt(sent.dlr_token, level=1, status="ESME_ROK")
    assert row(sent.id).lease_until > sent.lease_until


@pytest.mark.parametrize("kind", list(Refusal))
def test_a_refusal_is_named_with_a_hint(api, fake_gateway, kind):
    fake_gateway.answer = Refused(kind, "412: no bound connector", retryable=True)
    test_id = api.test(via="gateway").json()["data"]["id"]
    run.run(test_id)
    test = api.read(test_id)
    assert (test["status"], test["error"]["cause"]) == ("failed", kind.value)
    assert test["error"]["message"] == "412: no bound connector"
    assert test["error"]["hint"]
    assert names(test) == ["submit!"]


def test_a_bind_that_is_down_says_why(api, fake_gateway, credential):
    bind(credential, "unbound", bind_error="the carrier refuses the password")
    fake_gateway.answer = Refused(Refusal.NOT_BOUND, "412", retryable=True)
    test_id = api.test(via="gateway").json()["data"]["id"]
    run.run(test_id)
    assert "the carrier refuses the password" in api.read(test_id)["error"]["hint"]


def test_a_lost_answer_leaves_it_to_the_receipt(api, fake_gateway):
    fake_gateway.answer = Unknown("timed out")
    test_id = api.test(via="gateway").json()["data"]["id"]
    run.run(test_id)
    test = api.read(test_id)
    assert (test["status"], names(test)) == ("submitted", ["submit!"])
    assert "timed out" in test["steps"][0]["detail"]
    receipt(row(test_id).dlr_token, level=2, status="DELIVRD", message_id="77")
    assert api.read(test_id)["status"] == "delivered"


def test_without_a_gateway_it_fails_with_a_cause(api, monkeypatch):
    monkeypatch.setattr(gateway, "_implementation", None)
    test_id = api.test(via="gateway").json()["data"]["id"]
    run.run(test_id)
    assert api.read(test_id)["error"]["cause"] == "unavailable"


def test_a_gateway_that_raises_is_a_fault_of_ours(api, fake_gateway, caplog):
    fake_gateway.answer = RuntimeError("a bug")
    test_id = api.test(via="gateway").json()["data"]["id"]
    run.run(test_id)
    assert api.read(test_id)["error"]["cause"] == "internal"


@pytest.mark.parametrize(("answered", "cause"), [(True, "no_receipt"), (False, "no_answer")])
def test_a_receipt_that_does_not_come_is_named(api, sent, answered, cause):
    if answered:
        receipt(sent.dlr_token, level=1, status="ESME_ROK")
    type(sent).objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    test = api.read(sent.id)
    assert (test["status"], test["error"]["cause"]) == ("no_receipt", cause)
    assert test["error"]["hint"]
    receipt(sent.dlr_token, level=2, status="DELIVRD")
    assert api.read(sent.id) == test


@pytest.mark.parametrize(
    ("status", "cause"), [("ESME_NO_ANSWER", "no_answer"), ("ESME_NOT_SENT", "not_sent")]
)
def test_what_the_gateway_does_not_know_is_no_refusal(api, sent, status, cause):
    receipt(sent.dlr_token, level=1, status=status)
    test = api.read(sent.id)
    assert (test["status"], test["error"]["cause"]) == ("failed", cause)
    assert test["error"]["hint"]


def test_a_receipt_that_comes_before_the_answer_shows_that_it_was_taken(api, sent):
    receipt(sent.dlr_token, level=2, status="DELIVRD")
    assert names(api.read(sent.id)) == ["submit", "receipt"]


def test_the_next_test_may_start_when_this_one_has_ended(api, sent):
    assert api.test(via="gateway").status_code == 409
    receipt(sent.dlr_token, level=2, status="DELIVRD")
    assert api.test(via="gateway").status_code == 202


def test_accepted_is_all_that_counts_as_taken():
    assert not isinstance(Unknown("x"), Accepted | Refused)
