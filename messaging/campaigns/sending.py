"""From recipients to messages, a batch at a time.

A batch is one transaction under the campaign's lock: its messages and the count of those who have
one are both there after it, or neither, wherever a process is killed. Whoever comes next goes on
behind that count; were it ever wrong, the database would refuse a second message to a number.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from messaging.campaigns import pace
from messaging.campaigns.backpressure import room
from messaging.campaigns.making import make
from messaging.campaigns.models import Campaign, CampaignStatus, Recipient
from messaging.messages.dispatch import enqueue

BATCH = 500  # messages


def feed(campaign_id: str) -> int:
    """Make as many messages as the campaign's state, its pace and those that wait allow, at most
    `BATCH`; return how many. None are made while somebody else has its lock."""
    with transaction.atomic():
        campaigns = Campaign.objects.select_for_update(skip_locked=True)
        campaign = campaigns.filter(pk=campaign_id, status=CampaignStatus.SENDING).first()
        if campaign is None or campaign.fed == campaign.recipients_total:
            return 0
        now = timezone.now()
        recipients = _next(campaign, _most(campaign, now))
        if recipients:
            make(campaign, recipients, now)
            _count(campaign, len(recipients), now)
            enqueue.wake_on_commit(campaign.organization_id)
        return len(recipients)


def _most(campaign: Campaign, now: datetime) -> int:
    due = pace.due(campaign.throughput, campaign.paced_at, now)
    most = BATCH if due is None else min(BATCH, due)
    return min(most, room(campaign)) if most else 0


def _next(campaign: Campaign, count: int) -> list[tuple[str, dict[str, str]]]:
    """Number and variables of the next so many in their order: positions have no gaps."""
    if not count:
        return []
    end = campaign.fed + count
    rows = Recipient.objects.filter(campaign=campaign, position__gte=campaign.fed, position__lt=end)
    return list(rows.order_by("position").values_list("to", "variables"))


def _count(campaign: Campaign, made: int, now: datetime) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(
        fed=campaign.fed + made,
        paced_at=pace.after(campaign.throughput, campaign.paced_at, now, made),
    )
