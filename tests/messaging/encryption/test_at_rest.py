"""With ENCRYPT_MESSAGES no text and no number of a person is in the database."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from messaging.campaigns import warnings
from messaging.campaigns.models import Campaign, Recipient
from messaging.carrier_tests.models import CarrierTest
from messaging.inbound.models import InboundMessage, InboundPdu
from messaging.messages.dispatch import queue
from messaging.messages.models import Message
from messaging.opt_outs.models import Confirmation, OptOut
from messaging.pools.models import StickySender
from messaging.receipts import locked_messages
from messaging.receipts.models import StrayReceipt
from messaging.webhooks.models import Delivery, Event
from orbit.api.models import IdempotentRequest
from orbit.console.webhooks import deliveries_of_message
from orbit.db.fields import Undecryptable
from orbit.operations import resealing
from orbit.operations.resealing import Wanted
from tests.messaging.encryption.conftest import (
    CODE,
    FIRST,
    NUMBER,
    OTHER,
    SECOND,
    TEXT,
    fill,
    leaks,
    stored,
)
from tests.messaging.messages.conftest import Api

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_no_column_has_a_number_or_a_text(organization, sealed):
    fill(organization)

    assert leaks() == []


def test_without_the_setting_all_is_stored_as_it_is(organization):
    fill(organization)

    assert "~sealed." not in stored()
    assert len(leaks()) == 11


def test_what_is_read_is_what_was_written(organization, sealed):
    message = fill(organization)

    row = Message.objects.get()
    assert (row.to, row.body, row.metadata) == (NUMBER, TEXT, {"code": CODE})
    assert locked_messages.locked([message.pk])[message.pk].to == NUMBER
    assert Campaign.objects.get().body.startswith(TEXT)
    assert Recipient.objects.values_list("to", "variables").get() == (NUMBER, {"name": TEXT})
    inbound = InboundPdu.objects.get()
    assert (inbound.source, inbound.fields) == (NUMBER[1:], {"source_addr": NUMBER[1:]})
    assert bytes.fromhex(inbound.octets).decode() == TEXT
    assert StrayReceipt.objects.get().numbers == [NUMBER[1:]]
    assert OptOut.objects.get().number == Confirmation.objects.get().number == NUMBER
    assert CarrierTest.objects.get().pdus[0]["fields"]["short_message"] == TEXT
    assert json.loads(Event.objects.get().body)["data"]["to"] == NUMBER
    assert Delivery.objects.get().response_body == f"got {NUMBER}"


@pytest.mark.parametrize(("before", "after"), [(False, True), (True, False), (True, True)])
def test_rows_are_found_by_number_in_whatever_form_they_are(organization, settings, before, after):
    settings.ENCRYPT_MESSAGES = before
    message = fill(organization)
    settings.ENCRYPT_MESSAGES = after
    api = Api(organization)

    listed = api.get(f"?to={NUMBER}".replace("+", "%2B")).json()["data"]
    assert [each["id"] for each in listed] == [message.pk]
    assert (listed[0]["to"], listed[0]["body"]) == (NUMBER, TEXT)
    assert api.get(f"?to={OTHER}".replace("+", "%2B")).json()["data"] == []
    assert [each.event.type for each in deliveries_of_message(Message.objects.get())] == [
        "message.delivered"
    ]
    erased = api._client.delete(f"/v1/people/{NUMBER}", headers={"X-API-Key": api.new_key.secret})
    assert erased.json()["data"]["erased"] == {
        "messages": 1, "campaign_recipients": 1, "inbound_texts": 1, "stray_receipts": 1,
        "carrier_tests": 1, "sticky_senders": 1, "webhook_events": 1,
    }  # fmt: skip


def test_a_repeated_erasure_is_answered_from_a_row_without_the_number(organization, sealed):
    fill(organization)
    api = Api(organization)
    headers = {"X-API-Key": api.new_key.secret, "Idempotency-Key": "k"}

    first, again = (api._client.delete(f"/v1/people/{NUMBER}", headers=headers) for _ in range(2))

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert NUMBER[1:] not in IdempotentRequest.objects.get().path


def test_a_worker_gets_number_and_text_in_the_clear(organization, sealed):
    fill(organization)
    Message.objects.update(status="queued", finished_at=None, sent_at=None, claimed_at=None)

    with transaction.atomic():
        (row,) = queue.lock([(each, 5) for each in queue.due(organization.pk)], most=5)

    assert (row.to, row.body) == (NUMBER, TEXT)


@pytest.mark.parametrize("on", [False, True])
def test_the_command_brings_old_rows_into_the_form_of_the_setting(organization, settings, on):
    settings.ENCRYPT_MESSAGES = not on
    fill(organization)
    settings.ENCRYPT_MESSAGES = on
    with pytest.raises(CommandError, match="rows are not"):
        call_command("encrypt_messages", "--check")

    call_command("encrypt_messages")

    if on:
        assert leaks() == []
    else:
        assert "~sealed." not in stored()
        assert Message.objects.get().body == TEXT
    before = stored()
    call_command("encrypt_messages")
    call_command("encrypt_messages", "--check")
    assert stored() == before


def test_the_command_goes_on_where_it_was_stopped(organization, settings, monkeypatch):
    for place in range(3):
        fill(organization, f"+3363998000{place}")
    settings.ENCRYPT_MESSAGES = True
    monkeypatch.setattr(resealing, "CHUNK", 1)
    columns = dict(resealing.tables())[Message]
    told = []

    def stop(tally: resealing.Tally) -> None:
        told.append((tally.read, tally.rewritten))
        if len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        resealing.rewrite(Message, columns, Wanted.SEALED, progress=stop)
    rest = resealing.rewrite(Message, columns, Wanted.SEALED)

    assert told == [(1, 1), (2, 2)]
    assert (rest.read, rest.rewritten) == (3, 1)


def test_a_number_that_has_a_sender_in_both_forms_keeps_the_newer_one(organization, settings):
    fill(organization)
    settings.ENCRYPT_MESSAGES = True
    old = StickySender.objects.get()
    new = StickySender.objects.create(
        pool=old.pool, member=old.member, destination=NUMBER, expires_at=old.expires_at
    )

    call_command("encrypt_messages")

    assert list(StickySender.objects.all()) == [new]


def test_keys_are_rotated_with_rows_there(organization, settings):
    settings.ENCRYPT_MESSAGES, settings.FERNET_KEYS = True, [FIRST]
    settings.NUMBER_DIGEST_KEYS = ["d" * 40]
    fill(organization)
    settings.FERNET_KEYS, settings.NUMBER_DIGEST_KEYS = [SECOND, FIRST], ["e" * 40, "d" * 40]
    assert Message.objects.get(to=NUMBER).body == TEXT

    call_command("rotate_fernet_keys")
    settings.FERNET_KEYS, settings.NUMBER_DIGEST_KEYS = [SECOND], ["e" * 40]

    call_command("rotate_fernet_keys", "--check")
    assert Message.objects.get(to=NUMBER).body == TEXT
    assert Event.objects.get().body
    settings.FERNET_KEYS = [FIRST]
    with pytest.raises(CommandError):
        call_command("rotate_fernet_keys", "--check")
    with pytest.raises(Undecryptable, match="messaging_message"):
        Message.objects.get()


def test_a_token_opens_in_its_own_column_alone(organization, sealed):
    fill(organization)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_campaign SET body = (SELECT body FROM messaging_message)")

    with pytest.raises(Undecryptable):
        Campaign.objects.get()


@pytest.mark.parametrize("on", [False, True])
def test_a_text_that_begins_like_a_sealed_one_comes_back_as_it_was(organization, settings, on):
    settings.ENCRYPT_MESSAGES = on
    fill(organization)
    Message.objects.update(body="~sealed.by me")

    assert Message.objects.get().body == "~sealed.by me"


def test_a_campaign_takes_a_number_once_in_whatever_form(organization, settings):
    message = fill(organization)
    campaign = Campaign.objects.get()
    Campaign.objects.update(status="draft", finished_at=None)
    settings.ENCRYPT_MESSAGES = True

    answer = Api(organization)._client.post(
        f"/v1/campaigns/{campaign.pk}/recipients",
        {"recipients": [{"to": NUMBER, "variables": {"name": "x"}}]},
        content_type="application/json",
        headers={"X-API-Key": Api(organization).new_key.secret},
    )

    assert message.pk
    assert answer.json()["data"]["accepted"] == 0, answer.json()


@pytest.mark.parametrize("on", [False, True])
def test_a_draft_is_warned_about_alike(organization, settings, on):
    settings.ENCRYPT_MESSAGES = on
    fill(organization)
    campaign = Campaign.objects.get()
    campaign.common_variables = ["name"]
    for place, value in enumerate(["", " ", "x" * 1600], start=1):
        Recipient.objects.create(
            campaign=campaign, position=place, line=place, to=f"+3363998001{place}",
            variables={"name": value},
        )  # fmt: skip

    said = [(each.field, each.message) for each in warnings.before_start(campaign)]

    assert said[0][0] == "body" and "for 1 of 1 recipients, +33639980013" in said[0][1]
    assert said[1][0] == "variables.name" and "for 2 of 1 recipients, +33639980011" in said[1][1]


def test_names_short_codes_and_empty_texts_are_no_secret_and_stay_as_they_are(organization, sealed):
    text = InboundMessage.objects.create(
        organization=organization,
        sender="ACME",
        from_is_e164=False,
        body="",
        charset="gsm7",
        segments=1,
        complete=True,
        received_at=timezone.now(),
    )

    assert "'ACME'" in stored() and "~sealed." not in stored()
    row = InboundMessage.objects.get(pk=text.pk)
    assert (row.sender, row.body) == ("ACME", "")
