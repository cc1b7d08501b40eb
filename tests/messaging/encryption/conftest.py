"""An organisation's texts and numbers, in every table that has some."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from messaging import bulk
from messaging.campaigns.models import Campaign, Recipient
from messaging.carrier_tests.models import CarrierTest
from messaging.inbound.models import InboundPdu
from messaging.messages import services
from messaging.messages.models import Message
from messaging.opt_outs.models import Confirmation, OptOut
from messaging.pools.models import PoolMember, SenderPool, StickySender
from messaging.receipts.models import StrayReceipt
from messaging.webhooks.models import Delivery, Event
from orbit.accounts.models import Organization
from tests.messaging.messages.conftest import make_carrier

NUMBER, OTHER = "+33639980001", "+33639980002"
CODE = "7391-kiwi"  # no id or ciphertext has that in it by chance
TEXT = f"your code is {CODE}"
SECRETS = (NUMBER[1:], CODE, TEXT.encode().hex())
FIRST, SECOND = "f" * 40, "s" * 40


@pytest.fixture(autouse=True)
def _key(settings: Any) -> None:
    settings.NUMBER_DIGEST_KEYS = ["d" * 40]


@pytest.fixture
def sealed(settings: Any) -> None:
    settings.ENCRYPT_MESSAGES = True


def fill(organization: Organization, to: str = NUMBER) -> Message:
    """One row of each kind about this number; the message."""
    carrier = make_carrier(organization)
    now, raw = timezone.now(), {"account": "a", "raw": f"00{TEXT.encode().hex()}"}
    message = services.build(
        organization_id=organization.pk, to=to, body=TEXT, metadata={"code": CODE}
    )
    services.store(organization.pk, [message])
    Message.objects.filter(pk=message.pk).update(status="delivered", finished_at=now, sent_at=now)
    pool = SenderPool.objects.create(organization=organization, name="p")
    member = PoolMember.objects.create(pool=pool, sender="ACME", type="alphanumeric", position=0)
    StickySender.objects.create(pool=pool, member=member, destination=to, expires_at=now)
    campaign = Campaign.objects.create(
        organization=organization, name="c", body=f"{TEXT} {{{{name}}}}", sender_pool=pool,
        status="completed", finished_at=now, recipients_total=1,
    )  # fmt: skip
    columns = ("campaign_id", "position", "line", "to", "variables")
    bulk.insert(Recipient, columns, [(campaign.pk, 0, 1, to, {"name": TEXT})])
    InboundPdu.objects.create(
        organization=organization, source=to[1:], destination="38080", esm_class=0, data_coding=0,
        octets=TEXT.encode().hex(), fields={"source_addr": to[1:]}, tlvs=[{"value": TEXT}],
        digest="d" * 64, log=f"log{to[-4:]}", number=1, received_at=now, **raw,
    )  # fmt: skip
    StrayReceipt.objects.create(
        organization=organization, kind="unmatched", numbers=[to[1:]], text=f"id:1 {TEXT}",
        near=f"it went to {to}", log="l", number=2, received_at=now, **raw,
    )  # fmt: skip
    CarrierTest.objects.create(
        carrier=carrier, credential=carrier.credential, via="direct", to=to, sender="ACME",
        body=TEXT, steps=[{"step": "receipt", "detail": f"it names {to}"}],
        pdus=[{"fields": {"destination_addr": to, "short_message": TEXT}}], finished_at=now,
        status="delivered",
    )  # fmt: skip
    body = json.dumps({"data": {"message_id": message.pk, "to": to, "metadata": {"t": TEXT}}})
    event = Event.objects.create(
        organization=organization, type="message.delivered", created_at=now, body=body
    )
    Delivery.objects.create(
        event=event, url="https://x.example/", lane="l", due_at=now, response_body=f"got {to}"
    )
    OptOut.objects.create(organization=organization, number=to, scope="ACME", source="import")
    Confirmation.objects.create(
        organization=organization, message_id=message.pk, number=to, sender="38080", kind="help"
    )
    return message


def stored() -> str:
    """Everything that the tables of this app have, as it is in the database."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("messaging_"):
                cursor.execute(f'SELECT * FROM "{table}"')
                found.extend(f"{table} {row}" for row in cursor.fetchall())
    return "\n".join(found)


def leaks() -> list[str]:
    """Rows that have a number or a text of the person in the clear."""
    return [row for row in stored().splitlines() if any(each in row for each in SECRETS)]
