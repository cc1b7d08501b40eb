"""Transitions of campaigns, each with its webhook event, in the caller's transaction.

Each is a compare-and-set on the status: of two at once the second changes nothing.
"""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils import timezone

from messaging import optimistic_locking
from messaging.campaigns import counts, events
from messaging.campaigns.events import event_of
from messaging.campaigns.models import Campaign, CampaignStatus
from messaging.webhooks.events import emit


def release(campaign: Campaign) -> None:
    """Start sending now, or at `scheduled_at` if that is in the future."""
    now = timezone.now()
    if campaign.scheduled_at and campaign.scheduled_at > now:
        _become(campaign, CampaignStatus.SCHEDULED)
        return
    first = campaign.started_at is None
    started_at = campaign.started_at or now
    _become(
        campaign,
        CampaignStatus.SENDING,
        started_at=started_at,
        running_since=now,
        paced_at=now,
    )
    if first:
        emit(event_of(campaign, events.STARTED))


def pause(campaign: Campaign) -> None:
    """Create and dispatch no more messages."""
    _become(campaign, CampaignStatus.PAUSED)
    emit(event_of(campaign, events.PAUSED))


def cancel(campaign: Campaign) -> None:
    """Create no more messages; `scheduler.end_cancelled` ends those that wait."""
    _become(campaign, CampaignStatus.CANCELLED, finished_at=timezone.now())


def complete(campaign_id: str) -> bool:
    """Complete the campaign if every recipient has a message and none waits or is on its way to a
    carrier; return whether it was completed.

    Receipts may still come and change the progress.
    """
    now = timezone.now()
    done = Campaign.objects.filter(
        pk=campaign_id, status=CampaignStatus.SENDING, fed=F("recipients_total")
    )
    if not done.exists() or counts.unsent(campaign_id):
        return False
    if not done.update(status=CampaignStatus.COMPLETED, finished_at=now, updated_at=now):
        return False
    emit(event_of(Campaign.objects.get(pk=campaign_id), events.COMPLETED))
    return True


def _become(campaign: Campaign, to: CampaignStatus, **fields: Any) -> None:
    """Raises INVALID_STATE if another request has changed its status meanwhile."""
    fields |= {"status": to, "updated_at": timezone.now()}
    if not Campaign.objects.filter(pk=campaign.pk, status=campaign.status).update(**fields):
        raise optimistic_locking.changed_meanwhile(campaign)
    for name, value in fields.items():
        setattr(campaign, name, value)
