"""Messages of campaigns are counted by the database, by whatever statement they are moved."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from messaging import bulk
from messaging.campaigns import counts
from messaging.campaigns.models import Campaign, CampaignCount
from messaging.messages.models import Message, MessageStatus
from messaging.messages.transitions import Transitions
from tests.messaging.at_once import at_once
from tests.messaging.campaigns.conftest import FRANCE, leave, messages, numbers
from tests.messaging.messages.dispatch.conftest import make_message

pytestmark = pytest.mark.sqlite


def counted(campaign_id: str) -> dict[str, int]:
    """Without what is 0."""
    found = counts.of([campaign_id]).get(campaign_id, {})
    return {status: count for status, count in found.items() if count}


def test_each_way_to_write_messages_is_counted(api, later):
    campaign_id = api.started(*numbers(4))
    later()
    assert counted(campaign_id) == {"queued": 4}
    first, second, third, fourth = messages(campaign_id)

    first.status = MessageStatus.SENDING
    first.save()
    Message.objects.filter(pk=second.pk).update(status=MessageStatus.SENDING)
    bulk.update(Message, {third.pk: {"status": "sending"}}, ["status"])
    assert counted(campaign_id) == {"queued": 1, "sending": 3}

    transitions = Transitions()
    for each in messages(campaign_id):
        transitions.end(each, MessageStatus.FAILED)
    transitions.save()
    assert counted(campaign_id) == {"failed": 4}


def test_what_moves_no_message_leaves_no_row(api, later):
    campaign_id = api.started(*numbers(4))
    later()
    before = CampaignCount.objects.count()
    Message.objects.filter(campaign=campaign_id).update(claimed_at=timezone.now())
    make_message(api.organization, FRANCE)
    Message.objects.filter(campaign=None).update(status=MessageStatus.SENDING)
    assert CampaignCount.objects.count() == before


def test_messages_that_retention_deletes_stay_counted(api, later):
    campaign_id = api.started(*numbers(4))
    later()
    leave(campaign_id)
    Message.objects.all().delete()
    assert api.progress(campaign_id) == {"total": 4, "sent": 4}


def test_many_rows_become_few(api, later):
    campaign_id = api.started(*numbers(10))
    later()
    for number, each in enumerate(messages(campaign_id)):
        status = MessageStatus.SENDING if number % 2 else MessageStatus.SENT
        Message.objects.filter(pk=each.pk).update(status=status)
    before = counted(campaign_id)
    counts.add_up()
    assert counted(campaign_id) == before == {"sending": 5, "sent": 5}
    rows = CampaignCount.objects.order_by("status").values_list("status", "count")
    assert list(rows) == [("sending", 5), ("sent", 5)]
    assert not CampaignCount.objects.filter(is_sum=False).exists()


def test_campaigns_that_rest_are_not_looked_at(api, later, django_assert_num_queries):
    campaign_id = api.started(*numbers(2))
    later()
    counts.add_up()
    with django_assert_num_queries(1):
        counts.add_up()
    assert counts.with_unsent("sending") == [campaign_id]
    assert counts.with_unsent("cancelled") == []


def test_progress_is_a_query_whose_cost_does_not_grow(api, later, django_assert_num_queries):
    campaign_id = api.started(*numbers(20))
    later()
    with django_assert_num_queries(1) as captured:
        found = counts.of([campaign_id])
    assert found[campaign_id] == {"queued": 20}
    assert "messaging_message" not in captured[0]["sql"]


def test_the_counts_go_with_their_organisation(api, later):
    api.started(*numbers(2))
    later()
    Message.objects.all().delete()
    Campaign.objects.all().delete()
    assert not CampaignCount.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="one connection writes")
def test_many_who_add_up_and_write_at_once_lose_nothing(api, later):
    campaign_id = api.started(*numbers(40))
    later()
    ids = [each.pk for each in messages(campaign_id)]

    def work(number: int) -> None:
        for pk in ids[number::4]:
            Message.objects.filter(pk=pk).update(status=MessageStatus.SENT)
            counts.add_up()

    assert at_once(4, work) == [None] * 4
    assert counted(campaign_id) == {"sent": 40}
