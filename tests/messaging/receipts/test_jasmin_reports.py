"""Reports in any order, doubled, late, forged: a message only moves forward."""

from __future__ import annotations

import json
from itertools import permutations

import pytest

from messaging.gateway import NO_ANSWER, NOT_SENT, JasminReport
from messaging.messages.attempt_tokens import Attempt, dlr_token_of
from messaging.messages.dispatch import run
from messaging.messages.models import Message
from messaging.receipts import jasmin_reports
from messaging.webhooks.models import Event
from tests.messaging.messages.dispatch.conftest import (
    carrier,
    fake,
    make_message,
    message,
    read,
)

__all__ = ["carrier", "fake", "message"]

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

OK = {"level": 1, "status": "ESME_ROK"}
DELIVERED = {"level": 2, "status": "DELIVRD", "message_id": "carrier-7"}


@pytest.fixture
def token(organization, message, fake) -> str:
    """Of a message that a stock Jasmin has."""
    fake.lane = ""
    run.dispatch(organization.pk)
    return fake.asked[0]["dlr_token"]


def receipt(token: str, **fields) -> bool:
    """Whether we gave out that address."""
    return jasmin_reports.take([JasminReport(token, **fields)]) == 1


def statuses(message: Message) -> list[str]:
    return [event["status"] for event in read(message).events]


def test_the_carriers_answer_and_its_receipt(message, token):
    receipt(token, **OK)
    assert (read(message).status, read(message).finished_at) == ("sent", None)

    receipt(token, **DELIVERED)

    row = read(message)
    assert (row.status, row.carrier_message_id, row.error_code) == ("delivered", "carrier-7", "")
    assert statuses(message) == ["queued", "sending", "sent", "delivered"]


def test_the_carriers_id_is_known_from_its_answer(message, token):
    Message.objects.filter(pk=message.pk).update(webhook_url="https://192.0.2.1/")
    receipt(token, **OK, message_id="carrier-7")

    row = read(message)
    assert (row.status, row.carrier_message_id) == ("sent", "carrier-7")
    (event,) = Event.objects.filter(type="message.sent")
    assert json.loads(event.body)["data"]["provider_id"] == "carrier-7"


@pytest.mark.parametrize("order", list(permutations([OK, DELIVERED, DELIVERED, OK])))
def test_any_order_and_number_of_reports_ends_alike(message, token, order):
    for report in order:
        assert receipt(token, **report)

    assert read(message).status == "delivered"
    assert statuses(message) == ["queued", "sending", "sent", "delivered"]


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        ("DELIVRD", "delivered", ""),
        ("delivrd", "delivered", ""),
        ("UNDELIV", "undelivered", "UNDELIV"),
        ("REJECTD", "undelivered", "REJECTD"),
        ("DELETED", "undelivered", "DELETED"),
        ("EXPIRED", "expired", "EXPIRED"),
        ("FAILED", "undelivered", "FAILED"),
        ("DELIVERED", "delivered", ""),
        ("BUFFRED", "sent", ""),
        ("UNKNOWN", "sent", ""),
        ("ACCEPTD", "sent", ""),
        ("ENROUTE", "sent", ""),
    ],
)
def test_each_state_of_a_receipt(message, token, state, status, code):
    receipt(token, **OK)

    receipt(token, level=2, status=state, error="001")

    assert (read(message).status, read(message).error_code) == (status, code)


def test_after_its_end_nothing_moves_it(message, token):
    receipt(token, level=2, status="UNDELIV")

    for report in (OK, DELIVERED, {"level": 1, "status": "ESME_RSYSERR"}):
        receipt(token, **report)

    assert read(message).status == "undelivered"


def test_a_refusal_is_the_end_and_names_itself(message, token):
    receipt(token, level=1, status="ESME_RINVDSTADR")

    row = read(message)
    assert (row.status, row.error_code) == ("failed", "ESME_RINVDSTADR")
    assert "destination" in row.error_message.lower()


def test_what_was_certainly_not_sent_is_routed_again(organization, message, token, fake):
    receipt(token, level=1, status=NOT_SENT)

    row = read(message)
    assert (row.status, row.claimed_at, row.is_final) == ("sending", None, False)
    Message.objects.update(next_attempt_at=row.created_at)
    run.dispatch(organization.pk)
    again = fake.asked[1]["dlr_token"]
    receipt(token, level=1, status=NOT_SENT)  # the first attempt's, once more
    receipt(again, **OK)

    assert again != token
    assert read(message).status == "sent"


def test_what_a_stock_jasmin_tries_again_is_not_sent_again(organization, message, token, fake):
    receipt(token, level=1, status="ESME_RTHROTTLED")
    run.dispatch(organization.pk)

    assert read(message).claimed_at is not None
    assert len(fake.asked) == 1


def test_a_lost_answer_ends_as_unknown_and_is_not_sent_again(organization, message, token, fake):
    receipt(token, level=1, status=NO_ANSWER)
    run.dispatch(organization.pk)

    row = read(message)
    assert (row.status, row.error_code) == ("submitted_no_receipt", "OUTCOME_UNKNOWN")
    assert len(fake.asked) == 1


def test_a_receipt_of_what_waits_for_another_attempt_changes_nothing(message, token):
    receipt(token, level=1, status=NOT_SENT)

    receipt(token, **DELIVERED)

    assert read(message).status == "sending"


@pytest.mark.parametrize("forge", [lambda t: t[:-1], lambda t: t[:-1] + "?", lambda t: "msg_1.1.x"])
def test_a_forged_address_settles_nothing(message, token, forge):
    assert not receipt(forge(token), **DELIVERED)

    assert read(message).status == "sending"


def test_of_what_a_gateway_with_a_lane_has_its_log_alone_tells(organization, message, fake):
    run.dispatch(organization.pk)
    token = dlr_token_of(Attempt(message.pk, 1))

    assert receipt(token, **DELIVERED)

    assert read(message).status == "sending"


def test_an_address_settles_its_own_message_only(organization, message, token, fake):
    other = make_message(organization)

    receipt(token, **DELIVERED)

    assert read(other).status == "queued"
    assert receipt(dlr_token_of(Attempt("msg_" + "0" * 32, 1)), **DELIVERED)


def test_an_attempt_that_was_never_made_settles_nothing(message, token):
    receipt(dlr_token_of(Attempt(message.pk, 2)), **DELIVERED)

    assert read(message).status == "sending"


def test_a_status_that_smpp_does_not_name_is_a_refusal_with_its_name(message, token):
    receipt(token, level=1, status="ESME_OF_A_VENDOR")

    row = read(message)
    assert (row.status, row.error_code) == ("failed", "ESME_OF_A_VENDOR")
    assert row.finished_at is not None
