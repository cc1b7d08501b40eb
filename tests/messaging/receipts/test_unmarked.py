"""Inbound texts that read like a receipt: anyone who can send us a text can write one."""

from __future__ import annotations

import pytest

from messaging.inbound.models import InboundPdu
from messaging.receipts import recovery
from messaging.receipts.models import StrayReceipt
from tests.messaging.messages.dispatch.conftest import read
from tests.messaging.receipts.conftest import TEXT

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

FORGED = TEXT.format(id="A1B2C3", stat="UNDELIV", err="099").encode()


def test_one_from_a_stranger_is_a_text(log, send):
    message = send()
    log.answer(message)
    log.take()
    log.deliver(FORGED, source="33700000009")
    log.receipt()
    log.take()
    assert read(message).status == "delivered"

    StrayReceipt.objects.update(created_at="2026-01-01T00:00:00Z")
    recovery.sweep()

    (text,) = InboundPdu.objects.all()
    assert (text.source, bytes.fromhex(text.octets)) == ("33700000009", FORGED)
    assert StrayReceipt.objects.count() == 0


def test_one_from_the_number_itself_counts(log, send):
    message = send()
    log.answer(message)
    log.receipt(esm_class=0)
    log.take()

    assert read(message).status == "delivered"


def test_one_may_come_before_the_answer(log, send):
    message = send()
    log.receipt(esm_class=0)
    log.take()
    log.answer(message)
    log.take()

    assert read(message).status == "delivered"
    assert InboundPdu.objects.count() == 0
