"""How a message reads in each state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from messaging.messages.models import UNFINISHED, MessageStatus
from messaging.messages.representation import tag
from tests.messaging.messages.conftest import make_message, stored

NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)
PRICE = {"price_amount": Decimal("0.00900"), "price_currency": "EUR"}


def test_a_delivered_one(api, organization, carrier):
    message = make_message(
        organization,
        status="delivered",
        wanted_sender="",
        sender="+33700000001",
        carrier=carrier,
        sent_at=NOON,
        finished_at=NOON + timedelta(seconds=3),
        **PRICE,
    )
    read = api.read(message.id)
    assert (read["status"], read["from"]) == ("delivered", "+33700000001")
    assert read["carrier_id"] == carrier.id
    assert read["price"] == {"amount": "0.009", "currency": "EUR"}
    assert read["error"] is None
    assert read["sent_at"] == "2026-03-08T12:00:00Z"
    assert read["finished_at"] == read["delivered_at"] == "2026-03-08T12:00:03Z"


@pytest.mark.parametrize("status", ["sending", "failed", "expired", "submitted_no_receipt"])
def test_there_is_no_price_without_a_carrier_that_has_it(api, organization, status):
    read = api.read(make_message(organization, status=status, **PRICE).id)
    assert read["price"] is None


@pytest.mark.parametrize("status", MessageStatus.values)
def test_only_what_is_delivered_was_delivered_at_a_time(api, organization, status):
    read = api.read(make_message(organization, status=status).id)
    assert (read["delivered_at"] is not None) == (status == "delivered")
    assert (read["finished_at"] is None) == (status in UNFINISHED)


def test_a_price_of_nothing_is_a_price(api, organization):
    fields = {"price_amount": Decimal("0.00000"), "price_currency": "USD"}
    read = api.read(make_message(organization, status="sent", sent_at=NOON, **fields).id)
    assert read["price"] == {"amount": "0", "currency": "USD"}


def test_the_carriers_id_is_there_once_it_is_known(api, organization):
    assert api.read(make_message(organization).id)["provider_id"] is None
    message = make_message(organization, status="sent", carrier_message_id="4344856347268729")
    assert api.read(message.id)["provider_id"] == "4344856347268729"


def test_an_error_has_a_code_and_words(api, organization):
    fields = {"error_code": "OUTCOME_UNKNOWN", "error_message": "The gateway died."}
    read = api.read(make_message(organization, status="submitted_no_receipt", **fields).id)
    assert read["error"] == {"code": "OUTCOME_UNKNOWN", "message": "The gateway died."}


def test_what_is_chosen_takes_the_place_of_what_was_asked_for(api, organization, carrier):
    message = make_message(organization, wanted_sender="ACME", wanted_carrier=carrier)
    assert api.read(message.id)["from"] == "ACME"
    message.sender = "38600"
    message.save()
    read = api.read(message.id)
    assert (read["from"], read["carrier_id"]) == ("38600", carrier.id)


def test_a_message_outlives_its_carrier(api, organization, carrier):
    message = make_message(organization, status="delivered", carrier=carrier)
    carrier.delete()
    assert api.read(message.id)["carrier_id"] == message.carrier_id


def test_the_etag_is_over_what_people_wrote(organization):
    message = make_message(organization)
    before = tag(message)
    message.status = "sending"
    message.save()
    assert tag(stored(message.id)) == before
    assert tag(make_message(organization)) != before
