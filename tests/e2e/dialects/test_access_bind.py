"""d04, d20, d21: what platforms send on a gateway's SMPP server, with a raw carrier behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from orbit.dev.stack import Jasmin
from tests.fixtures.raw_smsc import (
    MESSAGE_ID,
    Pdu,
    RawEsme,
    RawSmsc,
    deliver_sm,
    receipt,
    request,
    submit_sm,
    tlv,
)
from tests.reconciler.launcher.jasmin_client import JasminClient

pytestmark = pytest.mark.stack

PAYLOAD = 0x0424
TEXT = b"a text that came in message_payload"


@pytest.fixture
def platform(jasmin: Jasmin, raw_smsc: RawSmsc) -> Iterator[RawEsme]:
    """Bound, with the carrier bound behind it."""
    with JasminClient(jasmin) as client:
        cid = client.open(raw_smsc)
        with RawEsme(jasmin.smpp_host, jasmin.smpp_port) as esme:
            assert esme.bind(cid, "pw").status == 0
            yield esme


ASKED = {
    "query_sm": request("query_sm", b"A1B2C3\0\5\0ACME\0"),
    "cancel_sm": request("cancel_sm", b"\0A1B2C3\0\5\0ACME\0\1\x0133612345678\0"),
    "replace_sm": request("replace_sm", b"A1B2C3\0\5\0ACME\0\0\0\1\0\2hi"),
    "query_sm-without-a-body": request("query_sm"),
    "unknown-command": request(0x00010123, b"anything"),
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_what_a_gateway_does_not_do_is_refused_and_the_session_stays(
    platform: RawEsme, raw_smsc: RawSmsc, asked: Pdu
):
    assert platform.ask(asked).status != 0

    raw_smsc.reports(deliver_sm(receipt()))
    assert platform.ask(submit_sm()).status == 0
    assert b"stat:DELIVRD" in platform.delivery().fields["short_message"]


def test_a_payload_goes_out_after_a_receipt_with_tlvs(platform: RawEsme, raw_smsc: RawSmsc):
    tlvs = [tlv(0x001E, MESSAGE_ID.encode() + b"\0"), tlv(0x0427, b"\2"), tlv(0x1400, b"x")]
    raw_smsc.reports(deliver_sm(receipt(), tlvs=tlvs))
    assert platform.ask(submit_sm()).status == 0
    platform.delivery()

    assert platform.ask(submit_sm(b"", tlvs=[tlv(PAYLOAD, TEXT)])).status == 0

    raw_smsc.wait_for(lambda: len(raw_smsc.submits) == 2)
    fields = raw_smsc.submits[1].fields
    assert TEXT in (fields["short_message"], fields["tlvs"].get(PAYLOAD))


@pytest.mark.parametrize(
    "tlvs",
    [
        {0x1400: b"1101234567890123456\0", 0x1401: b"1107654321098765432\0"},
        {0x1501: b"\0\1\2"},
        {0x0204: b"\0\7", 0x0005: b"\1"},
    ],
    ids=["dlt", "of-a-vendor", "of-the-standard"],
)
def test_tlvs_are_passed_on_or_refused(
    platform: RawEsme, raw_smsc: RawSmsc, tlvs: dict[int, bytes]
):
    answer = platform.ask(submit_sm(tlvs=[tlv(*each) for each in tlvs.items()]))

    if answer.status == 0:
        raw_smsc.wait_for(lambda: raw_smsc.submits)
        assert tlvs.items() <= raw_smsc.submits[0].fields["tlvs"].items()
