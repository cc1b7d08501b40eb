"""Both ways: a text never becomes a receipt, and a receipt never a text. The receipts are those of
`smpp/protocol/receipts`, as carriers of all kinds write them."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from messaging.inbound import recovery as inbound_recovery
from messaging.inbound.models import InboundMessage, InboundPdu
from messaging.receipts import ingest, recovery
from messaging.receipts.models import StrayReceipt
from messaging.smpp.protocol import pdu
from messaging.smpp.protocol.receipt import is_marked
from tests.messaging.inbound.conftest import OTHER_PHONE, PHONE, SHORT_CODE, UDHI, part, part16
from tests.messaging.messages.dispatch.conftest import read
from tests.messaging.receipts.conftest import ID, TEXT
from tests.messaging.smpp.protocol.test_receipt_corpus import CASES, received

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

RECEIPT = TEXT.format(id=ID, stat="UNDELIV", err="099").encode()


def raw_of(case: dict[str, Any]) -> str:
    read_back = received(case)
    return pdu.write(
        read_back.command, sequence=1, tlvs=read_back.tlvs, **read_back.fields
    ).hex()  # fmt: skip


@pytest.mark.parametrize("together", [True, False])
def test_each_case_is_what_its_carrier_says(log, together):
    records = [
        {
            "n": n, "at": time.time(), "kind": "deliver", "cid": log.cid, "account": log.account,
            "session": "s1", "raw": raw_of(case.values[0]),
        }
        for n, case in enumerate(CASES, start=1)
    ]  # fmt: skip
    for page in [records] if together else [[each] for each in records]:
        ingest.take(page, log="log-1")
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        recovery.sweep()
        inbound_recovery.sweep()

    texts = set(InboundPdu.objects.values_list("number", flat=True))
    strays = set(StrayReceipt.objects.values_list("number", flat=True))
    for n, case in enumerate(CASES, start=1):
        is_receipt = is_marked(received(case.values[0]))
        assert (n in strays, n in texts) == (is_receipt, not is_receipt), case.id
    assert InboundMessage.objects.count() == len(texts)


@pytest.mark.parametrize(
    "fields",
    [
        {"source": OTHER_PHONE},
        {"destination": SHORT_CODE},
        {"text": part(RECEIPT[:90], 1, 2), "esm_class": UDHI},
        {"text": part16(RECEIPT, 2, 2), "esm_class": UDHI},
        {"text": RECEIPT.decode().encode("utf-16-be"), "data_coding": 8, "source": OTHER_PHONE},
        {"text": b"stat:UNDELIV"},
        {"text": b"my id:A1B2C3 " + b"x" * 90},
    ],
)
def test_a_text_that_reads_like_a_receipt_ends_no_message(log, send, fields):
    message = send()
    log.answer(message)
    log.take()

    log.deliver(**{"text": RECEIPT, "source": PHONE, "destination": "OTHER"} | fields)
    log.take()
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        recovery.sweep()
        inbound_recovery.sweep()

    assert read(message).status == "sent"
    assert InboundMessage.objects.count() == 1
    assert StrayReceipt.objects.count() == 0


def test_parts_of_a_text_are_no_receipt_even_from_the_number_itself(log, send):
    """A person quotes the receipt that an answer of ours looks like."""
    message = send()
    log.answer(message)
    for n in (1, 2):
        log.deliver(part(RECEIPT, n, 2), source=message.to[1:], destination="ACME", esm_class=UDHI)
    log.take()

    assert read(message).status == "sent"
    assert InboundMessage.objects.get().body == 2 * RECEIPT.decode()
