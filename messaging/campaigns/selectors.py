"""Reading campaigns: of one organisation."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import QuerySet

from messaging.campaigns.models import UNFINISHED, Campaign
from messaging.pools.models import PoolCarrier
from orbit.accounts.models import Organization
from orbit.api.errors import not_found

_ID = re.compile(r"cmp_[0-9a-f]{32}")


def visible(organization: Organization) -> QuerySet[Campaign]:
    """What an organisation sees."""
    return Campaign.objects.filter(organization=organization)


def find(*, organization: Organization, campaign_id: str) -> Campaign:
    """One of them. Raises NOT_FOUND, alike for another organisation's id and one that never was."""
    return _one(visible(organization), organization, campaign_id)


def lock(*, organization: Organization, campaign_id: str) -> Campaign:
    """The same, locked until the transaction ends: what is fed, and its state, stay as they are."""
    return _one(visible(organization).select_for_update(), organization, campaign_id)


def matching(campaigns: QuerySet[Campaign], params: dict[str, Any]) -> QuerySet[Campaign]:
    """Those that the filters of the list (CampaignQuery) want."""
    for name in ("status", "sender_pool_id"):
        if name in params:
            campaigns = campaigns.filter(**{name: params[name]})
    if params.get("q"):
        campaigns = campaigns.filter(name__icontains=params["q"])
    return campaigns


def unfinished_of_pool(pool_id: str) -> list[str]:
    """Ids of the campaigns that send from this pool, or will, oldest first."""
    rows = _unfinished().filter(sender_pool=pool_id)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def unfinished_by_carrier(carrier_ids: list[str]) -> dict[str, list[str]]:
    """Ids of the campaigns whose pool is attached to these carriers, by carrier, oldest first."""
    found: dict[str, list[str]] = {}
    pools = PoolCarrier.objects.filter(carrier__in=carrier_ids).values_list("carrier", "pool")
    carriers_of: dict[str, list[str]] = {}
    for carrier_id, pool_id in pools:
        carriers_of.setdefault(pool_id, []).append(carrier_id)
    rows = _unfinished().filter(sender_pool__in=carriers_of).order_by("pk")
    for campaign_id, pool_id in rows.values_list("pk", "sender_pool"):
        for carrier_id in carriers_of[pool_id]:
            found.setdefault(carrier_id, []).append(campaign_id)
    return found


def _unfinished() -> QuerySet[Campaign]:
    return Campaign.objects.filter(status__in=UNFINISHED)


def _one(campaigns: QuerySet[Campaign], organization: Organization, campaign_id: str) -> Campaign:
    # PostgreSQL fails on a NUL in a text, so what is no id is not asked for.
    known = _ID.fullmatch(campaign_id)
    campaign = campaigns.filter(pk=campaign_id).first() if known else None
    if campaign is None:
        raise not_found()
    campaign.organization = organization  # it is in memory already
    return campaign
