from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from messaging.messages import metrics
from messaging.messages.metrics import MessageCollector
from messaging.messages.models import Message
from tests.messaging.messages.conftest import make_message


@pytest.fixture
def gauges(settings):
    """What /metrics says of messages."""
    settings.METRICS_TOKEN = "token"

    def read() -> set[str]:
        answer = Client().get("/metrics", headers={"Authorization": "Bearer token"})
        lines = answer.content.decode().splitlines()
        return {line for line in lines if line.startswith("orbit_messages_unfinished{")}

    return read


def test_messages_under_way_are_counted_by_who_has_them(organization, stranger, gauges):
    for status in ("queued", "sending", "sent", "delivered", "failed"):
        make_message(organization, status=status)
    make_message(organization, status="sending", claimed_at=timezone.now())
    make_message(stranger.organization)
    assert gauges() == {
        'orbit_messages_unfinished{place="queue"} 3.0',
        'orbit_messages_unfinished{place="gateway"} 1.0',
        'orbit_messages_unfinished{place="carrier"} 1.0',
    }


def test_each_count_reads_its_own_index_only(gauges, db):
    """Messages that have ended, which are many, are in none of them."""
    conditions = {
        str(index.condition) for index in Message._meta.indexes if index.condition is not None
    }
    assert {str(condition) for condition in metrics._PLACES.values()} <= conditions


def oldest() -> float:
    (family,) = (each for each in MessageCollector().collect() if each.name.endswith("_seconds"))
    return family.samples[0].value


def test_the_oldest_that_waits_with_us_has_an_age(organization):
    assert oldest() == 0
    ago = timezone.now() - timedelta(hours=1)
    make_message(organization, status="sent", created_at=ago)
    make_message(organization, status="sending", claimed_at=timezone.now(), created_at=ago)
    assert oldest() == 0
    make_message(organization, created_at=ago)
    assert 3600 <= oldest() < 3660
