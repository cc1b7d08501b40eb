"""What is wrong in this app."""

from __future__ import annotations

from collections import namedtuple
from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.inbound.models import InboundMessage
from messaging.messages.models import Message
from messaging.notices import conditions
from messaging.own_numbers.models import OwnNumber
from messaging.quality.models import CarrierStanding
from messaging.webhooks.models import Webhook
from tests.messaging.messages.dispatch.conftest import make_carrier

NOW = timezone.now


def test_a_carrier_that_delivers_too_little_in_two_countries_is_one(organization) -> None:
    carrier = make_carrier(organization, "north")
    for country in ("FR", "US"):
        CarrierStanding.objects.create(
            carrier=carrier,
            country=country,
            level="critical",
            since=NOW(),
            pause=300,
            evidence={"rate": 40.3},
        )

    (found,) = conditions.delivery(NOW())

    assert found.what == "north delivers too little"
    assert "FR 40.3 %" in found.why and "US 40.3 %" in found.why
    assert found.organization_ids == {organization.pk}


def test_messages_that_wait_too_long_are_one_cause_with_those_whom_it_touches(
    organization, settings
) -> None:
    for _ in range(3):
        Message.objects.create(organization=organization, to="+33612345678", body="x", segments=1)

    assert list(conditions.queue(NOW())) == []
    (found,) = conditions.queue(NOW() + timedelta(seconds=settings.NOTICE_QUEUE_AGE + 1))

    assert found.why.startswith("3 wait")
    assert [each.name for each in found.touches] == [organization.name]


@pytest.mark.parametrize(("free", "is_told"), [(9, True), (10, False)])
def test_a_disk_that_is_nearly_full(monkeypatch, settings, free: int, is_told: bool) -> None:
    settings.NOTICE_DISK_FREE = 10
    usage = namedtuple("usage", "total used free")(100, 100 - free, free)
    monkeypatch.setattr(conditions.shutil, "disk_usage", lambda path: usage)

    assert bool(list(conditions.disk(NOW()))) is is_told


def test_a_certificate_that_ends_soon(organization, settings, monkeypatch) -> None:
    carrier = make_carrier(organization, "north")
    credential = carrier.credential
    credential.tls, credential.tls_certificate = True, "PEM"
    credential.save()
    end = NOW() + timedelta(days=settings.NOTICE_CERTIFICATE_DAYS)
    monkeypatch.setattr(conditions, "_end_of", lambda pem: end)

    early = list(conditions.certificates(NOW() - timedelta(days=1)))
    (found,) = conditions.certificates(NOW() + timedelta(minutes=1))
    (late,) = conditions.certificates(end)

    assert early == []
    assert found.what == f"The certificate of north ends on {end:%Y-%m-%d}"
    assert late.what.endswith("has ended")


@pytest.mark.parametrize("source", ["binds", "delivery", "queue", "certificates"])
def test_a_source_is_one_statement(source, organization, django_assert_num_queries) -> None:
    make_carrier(organization, "north", bound=False)

    with django_assert_num_queries(1):
        list(getattr(conditions, source)(NOW()))


def test_a_webhook_that_only_fails(organization, settings) -> None:
    age = timedelta(seconds=settings.NOTICE_WEBHOOK_AGE)
    now = NOW()
    row = Webhook.objects.create(
        organization=organization,
        url="https://hooks.example.com/s3cr3t",
        events=["*"],
        secret_set_at=now,
        last_failure_at=now + age,
        last_failure="connection refused",
    )

    early = list(conditions.webhooks(now))
    (found,) = conditions.webhooks(now + 2 * age)
    row.last_success_at = now + age * 1.5
    row.save()

    assert early == []
    assert found.what == "The webhook to hooks.example.com fails"
    assert "s3cr3t" not in repr(found)
    assert list(conditions.webhooks(now + 2 * age)) == []


def test_numbers_that_had_texts_and_have_none_now_are_one(organization, settings) -> None:
    now, credential = NOW(), make_carrier(organization, "north").credential
    for number in ("+33612345678", "+33612345679"):
        row = OwnNumber.objects.create(
            organization=organization, credential=credential, number=number
        )
        InboundMessage.objects.create(
            organization=organization,
            number=row,
            receiver=number,
            from_is_e164=True,
            charset="gsm7",
            segments=1,
            complete=True,
            received_at=now,
        )
    assert list(conditions.inbound(now + timedelta(hours=3))) == []  # switched off
    settings.NOTICE_INBOUND_HOURS = 2

    assert list(conditions.inbound(now + timedelta(hours=1))) == []
    (found,) = conditions.inbound(now + timedelta(hours=3))
    assert list(conditions.inbound(now + timedelta(days=8))) == []

    assert len(found.touches) == 2
