"""Messages of campaigns among the others."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from messaging.campaigns.models import Campaign
from messaging.messages.dispatch import claim
from messaging.messages.models import Message
from orbit.accounts.models import Organization
from tests.messaging.campaigns.conftest import numbers
from tests.messaging.messages.dispatch.conftest import (
    FRANCE,
    fake,
    make_carrier,
    make_message,
    make_pool,
)

__all__ = ["fake"]


@pytest.fixture
def make_campaign(organization: Organization):
    pool = make_pool(organization, "+33700000001")

    def make(count: int, status: str = "sending", **fields: Any) -> Campaign:
        """One that is running, with so many messages that wait."""
        campaign = Campaign.objects.create(
            organization=organization,
            sender_pool=pool,
            status=status,
            running_since=timezone.now(),
            **fields,
        )
        for to in numbers(count):
            make_message(organization, to, campaign=campaign, wanted_pool=pool)
        return campaign

    return make


def claimed(organization: Organization) -> list[str | None]:
    batch = claim.claim(organization.pk, without=set())
    return [each.campaign_id for each in batch.claims]


def test_single_messages_go_first(organization, fake, make_campaign):
    make_carrier(organization, throughput=4)
    campaign = make_campaign(60)
    make_message(organization, FRANCE)
    assert claimed(organization) == [None, *[campaign.pk] * 9]
    assert claimed(organization) == []  # the carrier has enough


def test_campaigns_take_turns_by_who_waits_longest(organization, fake, make_campaign):
    make_carrier(organization, throughput=4)
    older, newer = make_campaign(4), make_campaign(20)
    assert claimed(organization) == [older.pk] * 4 + [newer.pk] * 6


@pytest.mark.parametrize("status", ["paused", "cancelled"])
def test_what_is_held_is_not_claimed(organization, fake, make_campaign, status):
    make_carrier(organization)
    over = timezone.now() if status == "cancelled" else None
    make_campaign(3, status, finished_at=over)
    make_message(organization, FRANCE)
    assert claimed(organization) == [None]
    assert Message.objects.filter(status="queued").count() == 3
