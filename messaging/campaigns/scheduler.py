"""Run campaigns from beat: start scheduled ones, create messages, complete those that are done.

Beat starts this every second; each function may run many times at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from messaging.campaigns import counts, transitions
from messaging.campaigns.models import Campaign, CampaignStatus
from messaging.campaigns.sending import BATCH, feed
from messaging.messages.models import UNSENT, Message, MessageStatus
from messaging.messages.transitions import Transitions

logger = logging.getLogger(__name__)

CANCELLED = "CAMPAIGN_CANCELLED"
ROUNDS = 4  # batches of one campaign in a sweep, then the next campaign


def sweep() -> None:
    """Do all of this for every campaign; one that fails does not hold up the others."""
    _each(_due_to_begin(), begin)
    _each(_in_state(CampaignStatus.SENDING), advance)
    _each(counts.with_unsent(CampaignStatus.CANCELLED), end_cancelled)
    counts.add_up()


def begin(campaign_id: str) -> None:
    """Start a scheduled campaign when its time has come."""
    with transaction.atomic():
        campaigns = Campaign.objects.select_for_update(skip_locked=True)
        due = campaigns.filter(
            pk=campaign_id, status=CampaignStatus.SCHEDULED, scheduled_at__lte=timezone.now()
        )
        campaign = due.first()
        if campaign:
            transitions.release(campaign)


def advance(campaign_id: str) -> None:
    """Make the messages that may be made now; complete the campaign when all are done."""
    for _ in range(ROUNDS):
        if feed(campaign_id) < BATCH:
            break
    with transaction.atomic():
        transitions.complete(campaign_id)


def end_cancelled(campaign_id: str) -> None:
    """End up to `BATCH` waiting messages of a cancelled campaign, which no carrier has. Later runs
    end those that the gateway gives back."""
    waiting = Message.objects.filter(campaign=campaign_id, status__in=UNSENT, claimed_at=None)
    with transaction.atomic():
        locked = waiting.select_for_update(of=("self",), skip_locked=True)
        ended = Transitions()
        for message in locked.order_by("pk")[:BATCH]:
            ended.end(
                message,
                MessageStatus.FAILED,
                code=CANCELLED,
                why="Its campaign was cancelled before a carrier had it.",
            )
        ended.save()


def _due_to_begin() -> list[str]:
    scheduled = Campaign.objects.filter(
        status=CampaignStatus.SCHEDULED, scheduled_at__lte=timezone.now()
    )
    return list(scheduled.order_by("pk").values_list("pk", flat=True))


def _in_state(status: CampaignStatus) -> list[str]:
    rows = Campaign.objects.filter(status=status)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _each(ids: list[str], work: Callable[[str], None]) -> None:
    for campaign_id in ids:
        try:
            work(campaign_id)
        except Exception:
            logger.exception("%s stands still", campaign_id)
