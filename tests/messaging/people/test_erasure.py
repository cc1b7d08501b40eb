"""Everything about a number is erased, what must stay is said, and nothing of others goes."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.utils import timezone

from messaging.campaigns.models import Campaign, Recipient
from messaging.inbound.models import InboundMessage, InboundPdu
from messaging.messages.models import Message
from messaging.opt_out_texts.models import NearMiss
from messaging.opt_outs.models import Confirmation, OptOut
from messaging.pools.models import PoolMember, SenderPool, StickySender
from messaging.receipts.models import Part, StrayReceipt
from messaging.webhooks.models import Event
from orbit.accounts.models import AuditEvent, Organization
from tests.factories import make_api_key, make_organization
from tests.messaging.at_once import at_once, statuses

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

NUMBER, OTHER = "+33639980001", "+33639980002"


def client(organization: Organization, role: str = "owner") -> Client:
    return Client(headers={"X-API-Key": make_api_key(organization, role=role).secret})


def message(organization: Organization, to: str = NUMBER, **fields) -> Message:
    ended = {"status": "delivered", "finished_at": timezone.now()}
    row = Message.objects.create(
        organization=organization, to=to, body="your code is 1234", encoding="gsm7", segments=1,
        **ended | fields,
    )  # fmt: skip
    Part.objects.create(
        owner=row.pk, attempt=1, number=0, of=1, account="a", answered_at=timezone.now()
    )
    return row


def traces(organization: Organization, to: str = NUMBER) -> None:
    """What the organisation has about the number, one of each."""
    message(organization, to)
    now, raw = timezone.now(), {"account": "a", "raw": "00", "log": organization.pk + to}
    text = InboundMessage.objects.create(
        organization=organization, sender=to, from_is_e164=True, receiver="38080", body="my name",
        charset="gsm7", segments=1, complete=True, received_at=now,
    )  # fmt: skip
    InboundPdu.objects.create(
        organization=organization, source=f"0{to[3:]}", destination="38080", esm_class=0,
        data_coding=0, fields={}, tlvs=[], digest="d", number=1, received_at=now, message=text,
        **raw,
    )  # fmt: skip
    StrayReceipt.objects.create(
        organization=organization, kind="unmatched", numbers=[to[1:], "38080"], text=f"id:1 {to}",
        number=2, received_at=now, **raw,
    )  # fmt: skip
    Event.objects.create(
        organization=organization, type="message.delivered", created_at=now,
        body=json.dumps({"data": {"to": to}}),
    )  # fmt: skip
    pool = SenderPool.objects.create(organization=organization, name="p")
    member = PoolMember.objects.create(pool=pool, sender="ACME", type="alphanumeric", position=0)
    StickySender.objects.create(pool=pool, member=member, destination=to, expires_at=now)


def left() -> list[int]:
    kinds = (Message, Part, InboundMessage, InboundPdu, StrayReceipt, Event, StickySender)
    return [kind.objects.count() for kind in kinds]


def test_everything_about_it_goes_and_is_counted():
    organization = make_organization()
    traces(organization)

    answer = client(organization).delete(f"/v1/people/{NUMBER}")

    assert answer.status_code == 200
    assert answer.json()["data"]["erased"] == {
        "messages": 1, "campaign_recipients": 0, "inbound_texts": 1, "stray_receipts": 1,
        "carrier_tests": 0, "sticky_senders": 1, "webhook_events": 1,
    }  # fmt: skip
    assert answer.json()["data"]["kept"] == []
    assert left() == [0] * 7


def test_nothing_of_another_number_or_organisation_goes():
    organization, other = make_organization(), make_organization()
    traces(organization, OTHER)
    traces(other)

    client(organization).delete(f"/v1/people/{NUMBER}")

    assert left() == [2] * 7


def test_what_has_not_ended_stays_and_is_said():
    organization = make_organization()
    message(organization)
    sent = message(organization, status="sent", finished_at=None)

    (kept,) = client(organization).delete(f"/v1/people/{NUMBER}").json()["data"]["kept"]

    assert (kept["kind"], kept["count"]) == ("messages", 1)
    assert "have not ended" in kept["reason"]
    assert list(Message.objects.all()) == [sent]


def test_an_opt_out_stays_and_is_said():
    organization = make_organization()
    OptOut.objects.create(
        organization=organization, number=NUMBER, scope="organization", source="api"
    )
    (kept,) = client(organization).delete(f"/v1/people/{NUMBER}").json()["data"]["kept"]

    assert (kept["kind"], kept["count"]) == ("opt_outs", 1)
    assert "/v1/opt-outs" in kept["reason"]
    assert OptOut.objects.count() == 1


def test_near_misses_go_with_their_texts_and_confirmations_with_the_person():
    organization = make_organization()
    text = InboundMessage.objects.create(
        organization=organization, sender=NUMBER, receiver="38080", from_is_e164=True,
        body="STOP 4711", charset="gsm7", segments=1, complete=True, received_at=timezone.now(),
    )  # fmt: skip
    NearMiss.objects.create(organization=organization, message_id=text.pk, word="STOP")
    Confirmation.objects.create(
        organization=organization, message_id="msg_1", number=NUMBER, sender="38080", kind="stop"
    )
    client(organization).delete(f"/v1/people/{NUMBER}")

    assert not NearMiss.objects.exists()
    assert not Confirmation.objects.exists()


def test_campaigns_still_count_what_was_erased():
    organization = make_organization()
    pool = SenderPool.objects.create(organization=organization, name="p")
    ended, running = (
        Campaign.objects.create(
            organization=organization, name=status, body="hi", sender_pool=pool, status=status,
            recipients_total=1, fed=1, finished_at=finished_at,
        )
        for status, finished_at in (("completed", timezone.now()), ("sending", None))
    )  # fmt: skip
    for campaign in (ended, running):
        Recipient.objects.create(campaign=campaign, position=0, line=1, to=NUMBER)
    message(organization, campaign=ended)

    data = client(organization).delete(f"/v1/people/{NUMBER}").json()["data"]

    assert data["erased"]["campaign_recipients"] == 1
    assert [(each["kind"], each["count"]) for each in data["kept"]] == [("campaign_recipients", 1)]
    assert Campaign.objects.get(pk=ended.pk).forgotten == {"delivered": 1}


def test_the_audit_says_that_it_was_done_and_not_of_whom():
    organization = make_organization()
    traces(organization)
    caller = client(organization)

    for _ in range(2):
        caller.delete(f"/v1/people/{NUMBER}")

    first, second = AuditEvent.objects.filter(action="person.erased").order_by("seq")
    assert first.target == second.target
    assert first.target.startswith("number:")
    assert "messages: 1" in first.detail
    assert NUMBER[1:] not in f"{first.target} {first.detail}"


@pytest.mark.parametrize("role", ["developer", "viewer"])
def test_others_than_owners_and_admins_are_refused(role):
    organization = make_organization()
    traces(organization)

    answer = client(organization, role).delete(f"/v1/people/{NUMBER}")

    assert answer.json()["error"]["code"] == "INSUFFICIENT_PERMISSIONS"
    assert left() == [1] * 7


@pytest.mark.parametrize("text", ["0639980001", "+1", "ACME", "%00", "%ED%A0%80", "+33639980001x"])
def test_what_is_no_number_is_refused(text):
    answer = client(make_organization()).delete(f"/v1/people/{text}")

    assert answer.status_code in (404, 422)


@pytest.mark.django_db(transaction=True)
def test_two_erasures_at_once_count_a_message_once():
    organization = make_organization()
    pool = SenderPool.objects.create(organization=organization, name="p")
    for number in range(20):
        campaign = Campaign.objects.create(
            organization=organization, name=f"{number}", body="hi", sender_pool=pool,
            status="completed", recipients_total=1, fed=1, finished_at=timezone.now(),
        )  # fmt: skip
        message(organization, campaign=campaign)
    owner = client(organization)

    answers = at_once(4, lambda number: owner.delete(f"/v1/people/{NUMBER}"))

    assert statuses(answers) == {200: 4}
    forgotten = Campaign.objects.values_list("forgotten", flat=True)
    assert list(forgotten) == [{"delivered": 1}] * 20
