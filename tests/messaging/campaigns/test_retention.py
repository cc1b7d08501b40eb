from __future__ import annotations

import pytest
from django.utils import timezone

from messaging.campaigns.models import Recipient
from messaging.messages.models import Message
from orbit.operations.retention import prune
from tests.messaging.campaigns.conftest import FRANCE, leave, numbers, stored

DAY = 24 * 3600


@pytest.fixture
def keep(settings) -> float:
    """Seconds for which numbers are kept, and one more."""
    return settings.RETENTION_MESSAGES_DAYS * DAY + 1.0


def finish(campaign_id: str, status: str, count: int) -> None:
    """The next so many of its messages end so, now."""
    unfinished = Message.objects.filter(campaign=campaign_id, finished_at=None)
    ids = list(unfinished.order_by("pk").values_list("pk", flat=True)[:count])
    Message.objects.filter(pk__in=ids).update(status=status, finished_at=timezone.now())


def test_numbers_are_forgotten_and_still_counted(api, later, keep):
    campaign_id = api.started(*numbers(5))
    later()
    leave(campaign_id)
    finish(campaign_id, "delivered", 2)
    later(DAY)
    assert stored(campaign_id).status == "completed"
    finish(campaign_id, "submitted_no_receipt", 3)
    before = api.progress(campaign_id)
    assert before == {"total": 5, "delivered": 2, "unknown": 3}

    later(keep - DAY)
    counts = prune()
    assert (counts["campaign_messages"], counts["campaign_recipients"]) == (2, 0)
    assert api.progress(campaign_id) == before

    later(DAY)
    counts = prune()
    assert (counts["campaign_messages"], counts["campaign_recipients"]) == (3, 5)
    assert api.progress(campaign_id) == before
    assert (Message.objects.count(), Recipient.objects.count()) == (0, 0)
    assert counts["messages"] == 0
    assert stored(campaign_id).recipients_bytes == 0


def test_what_is_not_over_keeps_its_recipients(api, later, keep):
    draft, paused = api.add(*numbers(2)), api.started(*numbers(20), throughput=10)
    later()
    leave(paused)
    finish(paused, "delivered", 10)
    api.act(paused, "pause")
    later(keep)
    prune()
    assert Recipient.objects.count() == 22
    assert api.progress(draft) == {"total": 2, "queued": 2}
    assert api.progress(paused) == {"total": 20, "queued": 10, "delivered": 10}


def test_who_had_a_message_that_is_forgotten_gets_no_second_one(api, later, keep):
    campaign_id = api.started(*numbers(20), throughput=10)
    later()
    leave(campaign_id)
    finish(campaign_id, "delivered", 10)
    api.act(campaign_id, "pause")
    later(keep)
    prune()
    api.act(campaign_id, "resume")
    for _ in range(3):
        later()
    made = Message.objects.filter(campaign=campaign_id).values_list("to", flat=True)
    assert sorted(made) == numbers(10, start=10)


def test_a_cancelled_one_is_over_when_it_is_cancelled(api, later, keep):
    campaign_id = api.started(FRANCE)
    api.act(campaign_id, "cancel")
    later(keep)
    prune()
    assert Recipient.objects.count() == 0
    assert api.progress(campaign_id) == {"total": 1, "cancelled": 1}
