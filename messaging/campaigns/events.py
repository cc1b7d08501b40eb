"""Webhook events of campaigns."""

from __future__ import annotations

from messaging.campaigns.models import Campaign
from messaging.campaigns.progress import progress
from messaging.webhooks.events import NewEvent
from orbit.api.envelope import timestamp

STARTED, PAUSED, COMPLETED = "campaign.started", "campaign.paused", "campaign.completed"


def event_of(campaign: Campaign, type: str) -> NewEvent:
    """The event that the campaign has come to its status, with its progress now."""
    return NewEvent(
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
