"""What home says is in trouble: each kind, and not once it is well."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.access.models import Access
from messaging.campaigns.models import Campaign
from messaging.messages import services
from messaging.messages.models import Message
from messaging.pools.models import SenderPool
from messaging.webhooks.models import Webhook
from orbit.accounts.models import Organization
from orbit.console.home import trouble
from reconciler.models import Gateway, Run
from tests.factories import made_at, make_organization


@pytest.fixture
def organization(db) -> Organization:
    return make_organization(name="Acme")


@pytest.fixture
def gateway(db) -> Gateway:
    return Gateway.objects.create(name="main", jcli_host="127.0.0.1", http_url="http://h:1")


def found() -> list[tuple[str, str, str]]:
    """Kind, organisation, why."""
    return [
        (each.kind, str(each.organization or ""), each.why) for each in trouble.read()["troubles"]
    ]


def fail(gateway: Gateway, **fields) -> Run:
    now = timezone.now()
    values = {"state": "failed", "started_at": now, "finished_at": now} | fields
    return Run.objects.create(gateway=gateway, trigger="beat", **values)


def test_an_access_that_jasmin_does_not_have(organization):
    Access.objects.create(
        organization=organization, enabled=True, password="acc3ss!!", sync_state="error",
        sync_error="connectors: longer than 255 characters", password_set_at=timezone.now(),
    )  # fmt: skip
    assert found() == [("platform", "Acme", "connectors: longer than 255 characters")]

    Access.objects.update(sync_state="synced")
    assert found() == []


def test_a_pass_that_fails_until_one_goes_well(gateway):
    fail(gateway, error="Jasmin said no")
    assert found() == [("pass", "", "Jasmin said no")]

    fail(gateway, state="applied")
    assert found() == []


def test_a_pass_that_failed_before_one_that_found_nothing(gateway):
    fail(gateway, error="no")
    Gateway.objects.update(state="up", last_pass_at=timezone.now() + timedelta(seconds=1))
    assert found() == []

    Gateway.objects.update(faults=[{"organization_id": "", "error": "no"}])
    assert found() == [("pass", "", "no")]


def test_a_pass_that_failed_long_ago_and_none_since_had_anything_to_tell(gateway):
    """One that finds nothing leaves no row."""
    ago = timezone.now() - timedelta(hours=1)
    fail(gateway, started_at=ago, finished_at=ago)

    assert found() == []


def test_messages_that_wait_for_long_and_why(organization, gateway):
    for _ in range(2):
        message = services.build(organization_id=organization.pk, to="+33612345678", body="hello")
        message.events = [
            *message.events,
            {"status": "sending", "at": "", "detail": "not taken: x"},
        ]
        message.id = made_at("msg", timezone.now() - timedelta(minutes=6))
        message.save(force_insert=True)
    assert found() == []

    Message.objects.update(created_at=timezone.now() - timedelta(minutes=6))
    (each,) = trouble.read()["troubles"]
    assert (each.name, each.why) == ("2 waiting messages", "not taken: x")

    Message.objects.update(claimed_at=timezone.now())
    assert found() == []


def test_messages_of_a_campaign_that_was_held_wait_since_it_runs(organization, gateway):
    now = timezone.now()
    campaign = Campaign.objects.create(
        organization=organization,
        name="Sale",
        body="hello",
        sender_pool=SenderPool.objects.create(organization=organization, name="Sale"),
        status="sending",
        running_since=now,
    )
    message = services.build(organization_id=organization.pk, to="+33612345678", body="hello")
    message.campaign, message.created_at = campaign, now - timedelta(hours=1)
    message.id = made_at("msg", message.created_at)
    message.save(force_insert=True)
    assert found() == []

    Campaign.objects.update(running_since=now - timedelta(minutes=6))
    assert [kind for kind, *_ in found()] == ["messages"]


def test_a_webhook_that_fails_since_it_last_worked(organization):
    now = timezone.now()
    row = Webhook.objects.create(
        organization=organization, url="https://example.com/secret-path", events=["*"],
        secret_set_at=now, last_success_at=now - timedelta(hours=1),
        last_failure_at=now, last_failure="HTTP 500",
    )  # fmt: skip
    assert found() == [("webhook", "Acme", "HTTP 500")]
    assert "secret-path" not in trouble.read()["troubles"][0].name

    Webhook.objects.filter(pk=row.pk).update(last_success_at=now + timedelta(seconds=1))
    assert found() == []


def test_links_lead_somewhere(operator, organization, gateway):
    fail(gateway, error="why")
    message = services.build(organization_id=organization.pk, to="+33612345678", body="hello")
    message.created_at = timezone.now() - timedelta(minutes=6)
    message.id = made_at("msg", message.created_at)
    message.save(force_insert=True)
    for each in trouble.read()["troubles"]:
        assert operator.get(each.url).status_code == 200
    assert "1 waiting message<" in operator.get("/admin/").text
