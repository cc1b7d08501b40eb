"""Rows of changes are added up into hours and minutes, each once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from messaging.messages.models import Message
from messaging.quality.models import HOUR, MINUTE, QualityCount
from messaging.quality.retention import prune_counts
from messaging.usage import folding
from messaging.usage.folding import fold
from messaging.usage.models import UsageHour, UsageRecord
from messaging.usage.retention import prune_usage
from tests.messaging.at_once import at_once
from tests.messaging.usage.conftest import record, statuses

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

migration = import_module("messaging.migrations.0032_usage_of_sent_messages")


def now():
    return timezone.now().replace(second=0, microsecond=0)


def sent(**fields) -> UsageRecord:
    values = {
        "minute": now(),
        "organization_id": "org_1",
        "carrier_id": "carr_1",
        "country": "FR",
        "status": "sent",
        "outcome": "waiting",
        "currency": "EUR",
        "segments": 2,
        "amount": Decimal("0.0125"),
    }
    return record(**values | fields)


def test_rows_become_one_sum_an_hour():
    hour = now().replace(minute=0)
    sent(minute=hour)
    sent(minute=hour + timedelta(minutes=59))
    fold()
    sent(minute=hour + timedelta(minutes=30), messages=-1, segments=-2, amount=Decimal("-0.0125"))
    fold()

    row = UsageHour.objects.get()
    assert (row.hour, row.messages, row.segments) == (hour, 1, 2)
    assert row.amount == Decimal("0.0125")
    assert not UsageRecord.objects.exists()


def test_what_differs_in_anything_is_a_sum_of_its_own():
    others = [
        {"minute": now() - timedelta(hours=1)},
        {"organization_id": "org_2"},
        {"credential_id": "cred_1"},
        {"carrier_id": ""},
        {"country": ""},
        {"sender_type": "long_code"},
        {"status": "delivered"},
        {"currency": "USD"},
    ]
    sent()
    for each in others:
        sent(**each)

    fold()

    assert sorted(UsageHour.objects.values_list("messages", flat=True)) == [1] * 9


def test_quality_is_counted_by_minute_and_by_hour():
    sent(outcome="delivered", bucket=3, minute=now() - timedelta(minutes=1))
    sent(outcome="delivered", bucket=3, minute=now() - timedelta(minutes=2))
    fold()

    minutes = QualityCount.objects.filter(span=MINUTE)
    assert [(each.count, each.bucket) for each in minutes] == [(1, 3), (1, 3)]
    assert sum(QualityCount.objects.filter(span=HOUR).values_list("count", flat=True)) == 2


def test_what_says_nothing_of_usage_or_of_quality_is_not_counted_there():
    sent(status="", outcome="refused")
    sent(status="failed", outcome="")
    fold()

    assert statuses() == {"failed": 1}
    assert set(QualityCount.objects.values_list("outcome", flat=True)) == {"refused"}


def test_old_minutes_change_usage_alone():
    sent(minute=now() - timedelta(hours=30))
    fold()

    assert statuses() == {"sent": 1}
    assert not QualityCount.objects.exists()


def test_it_goes_on_where_a_sweep_is_full(monkeypatch):
    monkeypatch.setattr(folding, "MOST", 2)
    monkeypatch.setattr(folding, "ROUNDS", 2)
    for _ in range(5):
        sent()

    assert [fold(), fold()] == [False, True]
    assert statuses() == {"sent": 5}


@pytest.mark.django_db(transaction=True)
@pytest.mark.stack
def test_many_at_once_add_each_row_up_once(monkeypatch):
    monkeypatch.setattr(folding, "MOST", 10)
    for number in range(100):
        sent(country=("FR", "DE", "US")[number % 3])

    at_once(4, lambda number: fold())
    fold()

    assert statuses() == {"sent": 100}
    assert not UsageRecord.objects.exists()


def test_hours_are_kept_for_so_many_days(settings):
    settings.RETENTION_USAGE_DAYS = 90
    for days in (1, 89, 91):
        sent(minute=now() - timedelta(days=days))
    sent(minute=now() - timedelta(days=3), status="delivered")
    sent(minute=now() - timedelta(days=3), country="DE")
    sent(minute=now() - timedelta(days=3), country="DE", messages=-1, segments=-2, amount=-0.0125)
    fold()

    assert prune_usage() == 2
    assert statuses() == {"sent": 2, "delivered": 1}


def test_counts_of_quality_are_kept_for_hours():
    for hours in (1, 5):
        sent(minute=now() - timedelta(hours=hours))
    fold()
    QualityCount.objects.filter(start__lt=now() - timedelta(hours=4)).update(
        start=now() - timedelta(hours=27)
    )

    assert prune_counts() == 2
    assert QualityCount.objects.count() == 2


def test_what_carriers_have_at_the_upgrade_counts_as_sent(log, send, carrier):
    for _ in range(2):
        log.answer(send(), id="")
    log.take()
    UsageRecord.objects.all().delete()

    migration.count_sent(apps, None)

    row = UsageRecord.objects.get()
    sent_at = Message.objects.first().sent_at
    assert (row.status, row.outcome, row.messages) == ("sent", "waiting", 2)
    assert (row.carrier_id, row.sender_type) == (carrier.pk, "alphanumeric")
    assert row.minute == sent_at.replace(second=0, microsecond=0)
