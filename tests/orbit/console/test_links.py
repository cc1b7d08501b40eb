"""What names a row leads to its page, for operators who may see that page."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from messaging.campaigns.models import Campaign
from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from messaging.messages.models import Message
from orbit.accounts.models import ApiKey, Organization
from orbit.console.links import address, link
from reconciler.models import Gateway, Run
from tests.factories import make_user
from tests.orbit.console.scenery import build

pytestmark = pytest.mark.django_db


def test_cells_lead_to_what_they_name(operator):
    build(4)
    organization = Organization.objects.get(name="Acme Travel")
    credential, carrier = Credential.objects.last(), Carrier.objects.last()
    for path, row in (
        ("messaging/message/?created=any", organization),
        ("messaging/message/?created=any", carrier),
        ("messaging/message/?created=any", Campaign.objects.exclude(messages=None).first()),
        ("messaging/carrier/", credential),
        ("messaging/carrier/", organization),
        ("messaging/credential/", organization),
        ("messaging/carriertest/", Carrier.objects.filter(tests__isnull=False).first()),
        ("messaging/webhook/", Organization.objects.filter(webhooks__isnull=False).first()),
        ("messaging/senderpool/", Organization.objects.exclude(sender_pools=None).first()),
        ("messaging/ownnumber/", credential),
        ("messaging/campaign/", Organization.objects.exclude(campaigns=None).first()),
        ("reconciler/bindchange/", organization),
        ("reconciler/run/", Gateway.objects.get(name="main")),
        ("reconciler/placement/", Gateway.objects.get(name="main")),
        ("accounts/apikey/", organization),
    ):
        text = operator.get(f"/admin/{path}").text
        assert f'<a href="{address(row)}">' in text, (path, row)


def test_pages_name_their_organisation_as_a_link(operator):
    build(4)
    rows = [Credential.objects.last(), Carrier.objects.last(), Message.objects.last(),
            Campaign.objects.last(), ApiKey.objects.last()]  # fmt: skip
    for row in rows:
        assert f'<a href="{address(row.organization)}">' in operator.get(address(row)).text, row
    run = Run.objects.last()
    assert f'<a href="{address(run.gateway)}">' in operator.get(address(run)).text


def test_counts_lead_to_what_they_count(operator):
    build(4)
    gateway, carrier = Gateway.objects.get(name="main"), Carrier.objects.last()
    listed = f"/admin/reconciler/placement/?gateway__id__exact={gateway.pk}"
    assert f'href="{listed}">2 organisations' in operator.get("/admin/reconciler/gateway/").text
    assert operator.get(listed).context["cl"].result_count == 2
    sent = f"/admin/messaging/message/?carrier__id__exact={carrier.pk}&amp;created=day"
    assert sent in operator.get(address(carrier)).text


def test_what_an_operator_may_not_see_is_named_without_a_link(db):
    build(4)
    person = make_user(is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_carrier"))
    client = Client()
    client.force_login(person)

    text = client.get("/admin/messaging/carrier/").text

    credential = Credential.objects.last()
    assert credential.name in text
    assert address(credential) not in text


def test_a_deleted_row_and_none_have_no_link(credential):
    credential.deleted_at = timezone.now()
    assert link(credential) == "Orange FR"
    assert link(None) == "–"
