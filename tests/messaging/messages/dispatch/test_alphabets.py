"""A text is priced and handed over in the alphabet of its carrier."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal

import pytest

from messaging.credentials.models import Credential
from messaging.messages.dispatch import claim, run
from messaging.smpp.protocol.segmentation import encode
from tests.messaging.messages.dispatch.conftest import make_carrier, make_message, read

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.mark.parametrize(
    ("coding", "body", "segments", "encoding"),
    [(0, "a" * 150, 1, "gsm7"), (3, "a" * 150, 2, "latin1"), (3, "5€", 1, "ucs2")],
)
def test_segments_and_price_are_those_of_the_carriers_alphabet(
    organization, fake, coding, body, segments, encoding
):
    carrier = make_carrier(organization, billing_rate=Decimal("0.01"))
    Credential.objects.update(gsm_data_coding=coding)
    message = make_message(organization, body=body)

    run.dispatch(organization.pk)

    row = read(message)
    assert (row.segments, row.encoding) == (segments, encoding)
    assert row.price_amount == segments * carrier.billing_rate


def test_a_carrier_in_whose_alphabet_a_text_is_too_long_is_passed_over(organization, fake):
    make_carrier(organization, "narrow")
    Credential.objects.update(gsm_data_coding=3)
    second = make_carrier(organization, "second", fallback_order=2)
    message = make_message(organization, body="a" * 1530)

    run.dispatch(organization.pk)

    assert read(message).carrier_id == second.pk


def test_a_text_that_is_too_long_for_all_fails(organization, carrier, fake):
    Credential.objects.update(gsm_data_coding=3)
    message = make_message(organization, body="a" * 1530)

    run.dispatch(organization.pk)

    assert read(message).error_code == "TEXT_TOO_LONG"


@pytest.mark.parametrize("coding", [0, 1, 3])
@pytest.mark.parametrize("body", ["a" * 150, "[" * 170, "é" * 150, "5€" * 40, "Ж" * 71])
def test_what_was_priced_is_what_is_submitted(organization, fake, coding, body):
    carrier = make_carrier(organization, billing_rate=Decimal("0.01"))
    Credential.objects.update(gsm_data_coding=coding)
    message = make_message(organization, body=body)

    run.dispatch(organization.pk)

    row, text = read(message), fake.asked[0]["text"]
    assert (row.segments, row.encoding) == (len(text["parts"]), text["encoding"]["name"])
    assert row.price_amount == len(text["parts"]) * carrier.billing_rate
    assert text == asdict(encode(body, coding))


def test_a_coding_that_changes_after_the_claim_changes_no_part(organization, fake):
    make_carrier(organization)
    Credential.objects.update(gsm_data_coding=3)
    message = make_message(organization, body="a" * 150)
    batch = claim.claim(organization.pk, without=set())
    Credential.objects.update(gsm_data_coding=0)

    run.submit(batch.claims, batch.trunks, lease=batch.lease)

    assert fake.asked[0]["text"]["data_coding"] == 3
    assert len(fake.asked[0]["text"]["parts"]) == read(message).segments == 2
