"""Receipts that settled nothing, as operators see them."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from messaging.messages.models import Message
from messaging.receipts.models import StrayReceipt
from tests.factories import make_organization
from tests.messaging.messages.dispatch.conftest import FRANCE, make_carrier, make_message

pytestmark = pytest.mark.sqlite

URL = "/admin/messaging/strayreceipt/"
NEAR = "The ids of its receipts are decimal: set `message_id_format` to `receipt_decimal`."


@pytest.fixture
def carrier(db):
    return make_carrier(make_organization())


def make_stray(carrier, **fields) -> StrayReceipt:
    values = {
        "organization": carrier.organization, "credential": carrier.credential, "account": "a",
        "kind": "unmatched", "ids": ["26"], "word": "DELIVRD", "error": "0047",
        "numbers": [FRANCE[1:], "ACME"], "text": "id:26 stat:DELIVRD", "near": NEAR, "raw": "00",
        "log": "l", "number": 1, "received_at": timezone.now(),
    }  # fmt: skip
    return StrayReceipt.objects.create(**values | fields)


def test_the_list_counts_them_by_credential_and_says_what_they_nearly_matched(operator, carrier):
    for number in range(3):
        make_stray(carrier, number=number)

    page = re.sub("<[^>]*>", "", operator.get(URL).text)

    assert "set `message_id_format` to `receipt_decimal`" in page
    assert "DELIVRD (err 0047)" in page
    (count,) = operator.get(URL).context["counts"]
    assert (count["credential"], count["count"]) == (carrier.credential, 3)


def test_one_shows_its_text_and_the_messages_that_wait_for_it(operator, carrier):
    message = make_message(carrier.organization)
    Message.objects.filter(pk=message.pk).update(
        status="sent", credential=carrier.credential, sent_at=timezone.now(),
        carrier_message_id="1A",
    )  # fmt: skip
    stray = make_stray(carrier, kind="unknown_form", text="00,2601,33612345678")

    page = operator.get(f"{URL}{stray.pk}/change/").content.decode()

    assert "Its form is not known" in page
    assert "00,2601,33612345678" in page
    assert message.pk in page
    assert "<code>1A</code>" in page


def test_what_only_reads_like_a_receipt_is_not_listed(operator, carrier):
    make_stray(carrier, kind="early")

    assert operator.get(URL).context["cl"].result_count == 0


@pytest.mark.parametrize("key", ["0", "x", "99999999999999999999", "\u00b2", "\uff11", "9" * 5000])
def test_one_that_is_not_there_is_not_found(operator, db, key):
    assert operator.get(f"{URL}{key}/change/").status_code == 404


def test_of_a_credential_that_is_gone_it_shows_too(operator, carrier):
    stray = make_stray(carrier, organization=None, credential_id="cred_gone")

    assert operator.get(URL).status_code == 200
    assert operator.get(f"{URL}{stray.pk}/change/").status_code == 200
