"""How a campaign moves from state to state, in the caller's transaction.

Each move is a compare-and-set on the state: whoever comes second has moved nothing.
"""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils import timezone

from messaging import optimistic_locking
from messaging.campaigns import counts
from messaging.campaigns.models import Campaign, CampaignStatus
from messaging.campaigns.progress import progress
from messaging.webhooks.events import emit
from orbit.api.envelope import timestamp


def release(campaign: Campaign) -> None:
    """It sends from now on, or from its time on if that is still to come."""
    now = timezone.now()
    if campaign.scheduled_at and campaign.scheduled_at > now:
        _move(campaign, CampaignStatus.SCHEDULED)
        return
    first = campaign.started_at is None
    started_at = campaign.started_at or now
    _move(
        campaign,
        CampaignStatus.SENDING,
        started_at=started_at,
        running_since=now,
        paced_at=now,
    )
    if first:
        _announce(campaign, "campaign.started")


def pause(campaign: Campaign) -> None:
    _move(campaign, CampaignStatus.PAUSED)
    _announce(campaign, "campaign.paused")


def cancel(campaign: Campaign) -> None:
    """Nobody gets a message any more; `sweeping` ends those that wait."""
    _move(campaign, CampaignStatus.CANCELLED, finished_at=timezone.now())


def complete(campaign_id: str) -> bool:
    """End it if every recipient has a message, and none of these waits or is on its way to a
    carrier; whether it was so. Receipts may come later and move the progress on.
    """
    now = timezone.now()
    done = Campaign.objects.filter(
        pk=campaign_id, status=CampaignStatus.SENDING, fed=F("recipients_total")
    )
    if not done.exists() or counts.unsent(campaign_id):
        return False
    if not done.update(status=CampaignStatus.COMPLETED, finished_at=now, updated_at=now):
        return False
    _announce(Campaign.objects.get(pk=campaign_id), "campaign.completed")
    return True


def _move(campaign: Campaign, to: CampaignStatus, **fields: Any) -> None:
    """Raises INVALID_STATE if somebody else has moved it meanwhile."""
    fields |= {"status": to, "updated_at": timezone.now()}
    if not Campaign.objects.filter(pk=campaign.pk, status=campaign.status).update(**fields):
        raise optimistic_locking.changed_meanwhile(campaign)
    for name, value in fields.items():
        setattr(campaign, name, value)


def _announce(campaign: Campaign, type: str) -> None:
    emit(
        organization_id=campaign.organization_id,
        type=type,
        data={
            "campaign_id": campaign.pk,
            "name": campaign.name,
            "status": str(campaign.status),
            "progress": progress(campaign),
            "started_at": timestamp(campaign.started_at),
            "finished_at": timestamp(campaign.finished_at),
        },
    )
