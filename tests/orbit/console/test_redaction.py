"""The role Read only sees no whole number and no text of people, on any page, and finds none."""

from __future__ import annotations

import json

import pytest
from django.contrib.admin.utils import quote
from django.utils import timezone

from messaging.campaigns.models import Campaign, Recipient
from messaging.carrier_tests.models import CarrierTest
from messaging.messages.models import Message
from messaging.pools.models import SenderPool
from messaging.receipts.models import StrayReceipt
from messaging.redaction import masked, masked_in, without_texts
from messaging.webhooks.models import Delivery, Event, Webhook

CODE = "7391-kiwi"  # no id has that in it by chance
NUMBER, TEXT = "+491512345667", f"your code is {CODE}"
MASKED = "+4915…67"
pytestmark = pytest.mark.django_db


@pytest.fixture
def pages(credential, carrier) -> list[str]:
    """The addresses of all pages and fragments that are about this person."""
    organization, now = credential.organization, timezone.now()
    pool = SenderPool.objects.create(organization=organization, name="p")
    campaign = Campaign.objects.create(
        organization=organization, name="c", body=f"{TEXT} {{{{name}}}}", sender_pool=pool,
        recipients_total=1, common_variables=["name"],
    )  # fmt: skip
    Recipient.objects.create(
        campaign=campaign, position=0, line=1, to=NUMBER, variables={"name": ""}
    )
    message = Message.objects.create(
        organization=organization, to=NUMBER, body=TEXT, encoding="gsm7", segments=1,
        status="failed", finished_at=now, error_code="GATEWAY_REFUSED",
        error_message=f"no way to {NUMBER}", tlvs=[{"tag": 5120, "type": "text", "value": TEXT}],
    )  # fmt: skip
    test = CarrierTest.objects.create(
        carrier=carrier, credential=credential, via="direct", to=NUMBER, sender="ACME", body=TEXT,
        steps=[{"step": "receipt", "ok": False, "ms": 1, "detail": f"it names {NUMBER[1:]}"}],
        pdus=[{
            "direction": "out", "command": "submit_sm", "sequence": 1, "status": 0,
            "fields": {"destination_addr": NUMBER[1:], "short_message": TEXT},
            "hex": TEXT.encode().hex(),
        }],
        cause="refused", error=f"{NUMBER} was refused", finished_at=now, status="failed",
    )  # fmt: skip
    stray = StrayReceipt.objects.create(
        organization=organization, credential=credential, account="a", kind="unknown_form",
        numbers=[NUMBER[1:]], text=f"{TEXT} for {NUMBER}", near=f"it went to {NUMBER}", raw="00",
        log="l", number=1, received_at=now,
    )  # fmt: skip
    webhook = Webhook.objects.create(
        organization=organization, url="https://x.example/", events=["*"], secret_set_at=now
    )
    event = Event.objects.create(
        organization=organization, type="message.failed", created_at=now,
        body=json.dumps({"data": {"to": NUMBER}}),
    )  # fmt: skip
    Delivery.objects.create(
        event=event, webhook=webhook, url=webhook.url, lane="l", due_at=now, status="delivered",
        response_status=200, response_ms=1, response_body=f"got {NUMBER}",
    )  # fmt: skip
    of = "/admin/messaging/{}/{}/change/".format
    return [
        "/admin/", "/admin/messaging/message/", of("message", quote(message.pk)),
        f"/admin/console/messages/{message.pk}/", "/admin/messaging/campaign/",
        of("campaign", quote(campaign.pk)), f"/admin/console/campaigns/{campaign.pk}/recipients/",
        "/admin/messaging/carriertest/", of("carriertest", quote(test.pk)),
        "/admin/messaging/strayreceipt/", of("strayreceipt", stray.pk),
        of("webhook", quote(webhook.pk)), of("carrier", quote(carrier.pk)),
        of("credential", quote(credential.pk)), "/admin/accounts/auditevent/",
    ]  # fmt: skip


def shown(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def test_no_page_shows_read_only_a_whole_number_or_a_text(sign_in, pages):
    client = sign_in("Read only")

    found = {address: shown(client, address) for address in pages}

    for address, page in found.items():
        for secret in (NUMBER[1:], CODE, TEXT.encode().hex()):
            assert secret not in page, address
    assert sum(MASKED in page for page in found.values()) >= 5


def test_operators_see_numbers(operator, pages):
    found = [address for address in pages if NUMBER[1:] in shown(operator, address)]

    assert len(found) >= 7
    assert not [address for address in pages if MASKED in shown(operator, address)]


@pytest.mark.parametrize("part", ["%2B491512345667", "491512345667", "4915123"])
@pytest.mark.parametrize("listed", ["message/?created=any&", "carriertest/?"])
def test_read_only_finds_nobody_by_number(sign_in, pages, listed, part):
    query = f"/admin/messaging/{listed}q={part}"

    assert MASKED not in shown(sign_in("Read only"), query)


def test_read_only_finds_no_recipient_by_the_beginning_of_a_number(sign_in, pages):
    address = next(each for each in pages if "recipients" in each)

    assert MASKED in shown(sign_in("Read only"), f"{address}?q=999")
    assert NUMBER not in shown(sign_in("Operator"), f"{address}?q=999")


@pytest.mark.parametrize(("on", "found"), [(False, True), (True, False)])
def test_part_of_a_number_finds_nothing_that_is_encrypted_and_the_page_says_so(
    operator, pages, settings, on, found
):
    settings.ENCRYPT_MESSAGES, settings.NUMBER_DIGEST_KEYS = on, ["d" * 40]
    for row in (*CarrierTest.objects.all(), *Recipient.objects.all()):
        row.save()
    recipients = next(each for each in pages if "recipients" in each)

    test_page = shown(operator, "/admin/messaging/carriertest/?q=4915123")
    page = shown(operator, f"{recipients}?q=4915123")
    assert (NUMBER in test_page, NUMBER in page) == (found, found)
    assert ("encrypted" in test_page, "encrypted" in page) == (on, on)
    assert NUMBER in shown(operator, "/admin/messaging/carriertest/?q=491512345667")
    assert NUMBER in shown(operator, f"{recipients}?q=491512345667")


def test_a_masked_number_shows_its_beginning_and_its_end():
    assert masked(NUMBER) == MASKED
    assert masked("12345") == "…"
    assert masked_in(f"{NUMBER} and 004915123456 of msg_0192{'3' * 28}") == (
        f"{MASKED} and 00491…56 of msg_0192{'3' * 28}"
    )
    assert without_texts({"data": [{"to": NUMBER, "metadata": {"a": 1}, "segments": 1}]}) == {
        "data": [{"to": MASKED, "metadata": {}, "segments": 1}]
    }
