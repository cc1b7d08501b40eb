"""How rows are named in the admin, in messages and in logs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from messaging.campaigns.models import CampaignCount, Recipient
from messaging.carrier_tests.models import CarrierTest
from messaging.credentials.bind_attempts import BindAttempt
from messaging.inbound.models import InboundMessage, InboundPdu
from messaging.messages.models import Message
from messaging.notices.models import NoticeDelivery, NoticeRound
from messaging.opt_out_texts.models import NearMiss
from messaging.opt_outs.models import Confirmation, OptOut, OptOutSettings
from messaging.pools.models import PoolCarrier, PoolMember, SenderPool, StickySender
from messaging.quality.models import CarrierStanding
from messaging.receipts.models import Part, StrayKey, StrayReceipt
from messaging.webhooks.models import Delivery, Event, WebhookSecret

NUMBER = "+491512345667"


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (Recipient(campaign_id="camp_1", position=7, to=NUMBER), "7 of camp_1"),
        (CampaignCount(campaign_id="camp_1", status="sent", count=3), "+3 sent of camp_1"),
        (CampaignCount(campaign_id="camp_1", status="sent", count=-3), "-3 sent of camp_1"),
        (CarrierTest(id="test_1", status="failed", to=NUMBER), "test_1 (failed)"),
        (BindAttempt(credential_id="cred_1"), "bind attempt for cred_1"),
        (InboundMessage(id="msg_1", sender=NUMBER), "msg_1"),
        (Message(id="msg_1", status="sent", to=NUMBER), "msg_1 (sent)"),
        (NoticeDelivery(telling="opened", state="failed"), "opened: failed"),
        (NoticeRound(decided_at=None), "decided None"),
        (NearMiss(message_id="msg_1"), "msg_1"),
        (OptOut(id="opt_1", number=NUMBER), "opt_1"),
        (Confirmation(message_id="msg_1", number=NUMBER), "msg_1"),
        (OptOutSettings(organization_id="org_1"), "opt-outs of org_1"),
        (SenderPool(id="pool_1", name="Offers"), "Offers (pool_1)"),
        (PoolCarrier(pool_id="pool_1", carrier_id="carr_1"), "pool_1 at carr_1"),
        (PoolMember(id="mem_1", sender="ACME"), "ACME (mem_1)"),
        (
            StickySender(
                member_id="mem_1",
                pool_id="pool_1",
                destination=NUMBER,
                expires_at=datetime(2026, 11, 30, tzinfo=UTC),
            ),
            "mem_1 in pool_1 until 2026-11-30",
        ),
        (
            CarrierStanding(carrier_id="carr_1", country="FR", level="paused"),
            "carr_1 in FR: paused",
        ),
        (Part(owner="msg_1", number=0, of=2), "part 1 of 2 of msg_1"),
        (StrayReceipt(ids=["A1", "B2"], kind="unmatched"), "receipt A1 (unmatched)"),
        (StrayReceipt(pk=5, ids=[], kind="unmatched", numbers=[NUMBER]), "receipt 5 (unmatched)"),
        (StrayKey(key="A1"), "A1"),
        (WebhookSecret(organization_id="org_1"), "webhook secret of org_1"),
        (Event(id="evt_1", type="message.sent"), "message.sent (evt_1)"),
        (Delivery(id="dlv_1", status="dead"), "dlv_1 (dead)"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_row_is_named_by_what_it_is_and_not_by_whom_it_is_about(row, name):
    assert str(row) == name
    assert NUMBER[1:] not in repr(row)


def test_a_pdu_is_named_by_its_two_sides():
    assert str(InboundPdu(source="33612345678", destination="38080")) == (
        "from 33612345678 to 38080"
    )
