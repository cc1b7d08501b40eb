"""From recipients to messages, a batch at a time.

A batch is one transaction under the campaign's lock: its messages and the count of those who have
one are both there after it, or neither, wherever a process is killed. Whoever comes next goes on
behind that count; were it ever wrong, the database would refuse a second message to a number.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from messaging.campaigns import pace, texts
from messaging.campaigns.models import Campaign, CampaignStatus, Recipient
from messaging.messages import services, transitions
from messaging.messages.dispatch import enqueue
from messaging.messages.models import UNSENT, Message, MessageStatus
from messaging.smpp.protocol.text import TextTooLong

BATCH = 500  # messages
TOO_LONG = "TEXT_TOO_LONG"


def feed(campaign_id: str) -> int:
    """Make as many messages as the campaign's state, its pace and those that wait allow, at most
    `BATCH`; return how many. None are made while somebody else has its lock."""
    with transaction.atomic():
        campaigns = Campaign.objects.select_for_update(skip_locked=True)
        campaign = campaigns.filter(pk=campaign_id, status=CampaignStatus.SENDING).first()
        if campaign is None:
            return 0
        now = timezone.now()
        recipients = _next(campaign, _most(campaign, now))
        if recipients:
            _make(campaign, recipients)
            _count(campaign, len(recipients), now)
            enqueue.wake_on_commit(campaign.organization_id)
        return len(recipients)


def _most(campaign: Campaign, now: datetime) -> int:
    waiting = Message.objects.filter(
        organization=campaign.organization_id,  # by which they are indexed
        campaign=campaign,
        status__in=UNSENT,
        claimed_at=None,
    )
    room = pace.room(campaign.throughput, waiting.count())
    due = pace.due(campaign.throughput, campaign.paced_at, now)
    return min(BATCH, room) if due is None else min(BATCH, room, due)


def _next(campaign: Campaign, count: int) -> list[Recipient]:
    """The next so many in their order: positions have no gaps."""
    end = campaign.fed + count
    rows = Recipient.objects.filter(campaign=campaign, position__gte=campaign.fed, position__lt=end)
    return list(rows.order_by("position"))


def _make(campaign: Campaign, recipients: list[Recipient]) -> None:
    messages, too_long = [], []
    for recipient in recipients:
        text = texts.render(campaign.body, recipient.variables)
        try:
            message = _message(campaign, recipient.to, text)
        except TextTooLong as error:
            message = _message(campaign, recipient.to, "")
            message.body, message.segments = text, error.segments
            message.encoding = error.encoding.name
            too_long.append((message, str(error)))
        messages.append(message)
    Message.objects.bulk_create(messages)
    for message, why in too_long:
        transitions.end(message, MessageStatus.FAILED, code=TOO_LONG, why=why)


def _message(campaign: Campaign, to: str, body: str) -> Message:
    message = services.build(
        organization_id=campaign.organization_id,
        to=to,
        body=body,
        sender_pool_id=campaign.sender_pool_id,
    )
    message.campaign = campaign
    return message


def _count(campaign: Campaign, made: int, now: datetime) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(
        fed=campaign.fed + made,
        paced_at=pace.after(campaign.throughput, campaign.paced_at, now, made),
    )
