"""Each kind of id leads to the page of what has it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from messaging.campaigns.models import Campaign
from messaging.carrier_tests.models import CarrierTest
from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from messaging.inbound.models import InboundMessage
from messaging.messages.models import Message
from messaging.notices.models import Notice, NoticeRecipient
from messaging.opt_outs.models import OptOut
from messaging.own_numbers.models import OwnNumber
from messaging.pools.models import PoolMember, SenderPool
from messaging.webhooks.models import Delivery, Event, Webhook
from orbit.accounts.models import ApiKey, AuditEvent, Organization
from orbit.console.links import address
from reconciler.models import Gateway, Run
from tests.factories import make_user

pytestmark = pytest.mark.django_db

SEARCH = "/admin/console/search/"


@pytest.fixture(scope="module", autouse=True)
def _scenery(build_once) -> None:
    build_once(8)


def target(client: Client, term: str) -> str:
    """Where a search leads; "" if it shows a page."""
    answer = client.get(SEARCH, {"q": term})
    assert answer.status_code in (200, 302)
    return answer.headers.get("Location", "")


def test_an_id_of_anything_with_a_page_leads_there(operator):
    for model in (Message, InboundMessage, Campaign, Carrier, CarrierTest, Credential, Notice,
                  OptOut, OwnNumber, SenderPool, Webhook, ApiKey, AuditEvent, Organization,
                  Gateway, Run):  # fmt: skip
        row = model.objects.first()
        assert target(operator, f"  {row.pk} ") == address(row), model
        assert operator.get(address(row)).status_code == 200, model


def test_a_name_in_jasmin_leads_to_its_credential_or_organisation(operator):
    for row in (Credential.objects.first(), Organization.objects.first()):
        assert target(operator, row.gateway_key) == address(row)


def test_a_member_of_a_pool_leads_to_the_pool(operator):
    member = PoolMember.objects.first()
    assert target(operator, member.pk) == address(member.pool)


def test_a_delivery_leads_to_its_webhook_where_it_is_the_first_that_is_shown(operator):
    delivery = Delivery.objects.order_by("pk")[3]
    first = Delivery.objects.filter(event=delivery.event).order_by("pk").first()
    assert target(operator, delivery.event_id).startswith(address(first.webhook))
    assert target(operator, delivery.pk).startswith(address(delivery.webhook))
    shown = operator.get(target(operator, delivery.pk)).context["deliveries"]
    assert shown[0].pk == delivery.pk


def test_a_delivery_to_an_address_that_a_message_named_leads_to_the_message(operator):
    message = Message.objects.first()
    event = Event.objects.create(
        organization=message.organization, type="message.sent", created_at=timezone.now(),
        body=f'{{"data": {{"id": "{message.pk}"}}}}',
    )  # fmt: skip
    delivery = Delivery.objects.create(event=event, url="https://example.com", lane="example.com",
                                       due_at=timezone.now())  # fmt: skip
    assert target(operator, delivery.pk) == address(message)


def test_who_is_told_stands_on_a_page_of_all(operator):
    row = NoticeRecipient.objects.create(name="Night", url="jsons://example.com", scheme="jsons")
    assert target(operator, row.pk) == "/admin/console/notices/"


def test_an_id_that_nothing_has_is_said_with_the_way_to_the_audit(operator):
    credential = Credential.objects.first()
    Credential.objects.filter(pk=credential.pk).update(deleted_at=timezone.now())
    for term in (f"cred_{0:032x}", credential.pk, f"xyz_{0:032x}", "ob" + "a" * 13):
        assert target(operator, term) == ""
        text = operator.get(SEARCH, {"q": term}).text
        assert "Nothing that you may see has the id" in text
        assert f"/admin/accounts/auditevent/?q={term}" in text


def test_an_id_leads_nobody_to_what_they_may_not_see(db):
    person = make_user(is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_carrier"))
    client = Client()
    client.force_login(person)
    assert target(client, Carrier.objects.first().pk)
    for model in (Message, Credential, Organization, Delivery, PoolMember, ApiKey):
        assert target(client, model.objects.first().pk) == "", model


def test_targets_in_the_audit_lead_to_what_they_are(operator):
    event = AuditEvent.objects.filter(target__startswith="cred_").first()
    text = operator.get("/admin/accounts/auditevent/").text
    assert f'<a href="{SEARCH}?q={event.target}">{event.target}</a>' in text


def test_a_delivery_that_is_gone_leads_nowhere(operator):
    delivery = Delivery.objects.order_by("pk")[0]
    key = delivery.pk
    delivery.delete()
    assert target(operator, key) == ""
