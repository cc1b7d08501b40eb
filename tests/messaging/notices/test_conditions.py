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
from messaging.webhooks.models import Webhook
from tests.factories import make_api_key
from tests.messaging.messages.dispatch.conftest import make_carrier
from tests.messaging.net.authority import Authority

NOW = timezone.now


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


def test_keys_that_end_soon_and_are_in_use_are_one_for_each_organisation(
    organization, settings
) -> None:
    now = NOW()
    end = now + timedelta(days=settings.NOTICE_KEY_DAYS)
    for used, revoked in ((now, None), (now, None), (None, None), (now, now)):
        key = make_api_key(organization, expires_at=end).key
        key.last_used_at, key.revoked_at = used, revoked
        key.save()

    assert list(conditions.keys(now - timedelta(minutes=1))) == []
    (found,) = conditions.keys(now + timedelta(minutes=1))
    assert list(conditions.keys(end)) == []  # it has ended: nobody uses it any more

    assert f"ends on {end:%Y-%m-%d}, and 1 more soon" in found.what
    assert found.organization_ids == {organization.pk} and len(found.touches) == 2


@pytest.mark.parametrize("source", ["binds", "queue", "certificates", "keys"])
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


def test_the_end_of_a_certificate_is_read_and_one_that_can_not_be_read_is_left_out(
    organization,
) -> None:
    for name, certificate in (
        ("north", Authority().issue("north", end=3).certificate),
        ("south", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
    ):
        credential = make_carrier(organization, name).credential
        credential.tls, credential.tls_certificate = True, certificate
        credential.save()

    (found,) = conditions.certificates(NOW())

    assert found.what.startswith("The certificate of north ends on ")


def test_a_webhook_whose_latest_try_worked_does_not_fail(organization, settings) -> None:
    settings.NOTICE_WEBHOOK_AGE = 60
    now = NOW()
    Webhook.objects.create(
        organization=organization, url="https://hooks.example.com/x", events=["*"],
        secret_set_at=now, last_failure_at=now - timedelta(seconds=180), last_failure="500",
        last_success_at=now - timedelta(seconds=120),
    )  # fmt: skip
    Webhook.objects.update(created_at=now - timedelta(days=1))
    assert list(conditions.webhooks(now)) == []

    Webhook.objects.update(last_failure_at=now - timedelta(seconds=90))
    assert len(list(conditions.webhooks(now))) == 1
