"""Reading campaigns of one organisation."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import QuerySet

from messaging.campaigns.models import Campaign
from orbit.accounts.models import Organization
from orbit.api.errors import not_found

_ID = re.compile(r"cmp_[0-9a-f]{32}")


def visible(organization: Organization) -> QuerySet[Campaign]:
    """The organisation's campaigns."""
    return Campaign.objects.filter(organization=organization)


def find(*, organization: Organization, campaign_id: str) -> Campaign:
    """One of them. Raises NOT_FOUND, alike for another organisation's id and one that never was."""
    return _one(visible(organization), organization, campaign_id)


def lock(*, organization: Organization, campaign_id: str) -> Campaign:
    """One campaign, locked until the transaction ends, so that its `fed` and `status` stay as
    they are."""
    return _one(visible(organization).select_for_update(), organization, campaign_id)


def matching(campaigns: QuerySet[Campaign], params: dict[str, Any]) -> QuerySet[Campaign]:
    """Campaigns that match the filters of the list (CampaignQuery)."""
    for name in ("status", "sender_pool_id"):
        if name in params:
            campaigns = campaigns.filter(**{name: params[name]})
    if params.get("q"):
        campaigns = campaigns.filter(name__icontains=params["q"])
    return campaigns


def _one(campaigns: QuerySet[Campaign], organization: Organization, campaign_id: str) -> Campaign:
    # PostgreSQL fails on a NUL in a text, so what is no id is not asked for.
    known = _ID.fullmatch(campaign_id)
    campaign = campaigns.filter(pk=campaign_id).first() if known else None
    if campaign is None:
        raise not_found()
    campaign.organization = organization  # it is in memory already
    return campaign
