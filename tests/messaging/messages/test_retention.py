from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from messaging.messages.models import Message, MessageStatus
from orbit.operations import retention
from tests.messaging.messages.conftest import make_message

pytestmark = pytest.mark.sqlite

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
ENDED = sorted(set(MessageStatus.values) - {"queued", "sending", "sent"})


@pytest.fixture(autouse=True)
def _today(settings):
    settings.RETENTION_MESSAGES_DAYS = 30
    with time_machine.travel(NOW, tick=False):
        yield


def prune() -> int:
    return retention.prune()["messages"]


@pytest.mark.parametrize("status", ENDED)
def test_what_ended_long_ago_is_forgotten(organization, status):
    ended = NOW - timedelta(days=30)
    times = {"created_at": NOW - timedelta(days=31), "status": status}
    make_message(organization, **times, finished_at=ended - timedelta(seconds=1))
    young = make_message(organization, **times, finished_at=ended)
    assert prune() == 1
    assert [message.pk for message in Message.objects.all()] == [young.pk]


@pytest.mark.parametrize("status", ["queued", "sending", "sent"])
def test_what_has_not_ended_is_never_lost(organization, status):
    make_message(organization, status=status, created_at=NOW - timedelta(days=365))
    assert prune() == 0
    assert Message.objects.count() == 1
