"""Counts of campaigns' messages by status, at a cost that does not grow with the messages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from django.db import transaction
from django.db.models import Sum

from messaging.campaigns.models import CampaignCount
from messaging.messages.models import UNSENT

MOST = 20_000  # rows of a campaign that are summed in one transaction


def of(campaign_ids: Collection[str]) -> Mapping[str, Mapping[str, int]]:
    """Counts by campaign and status, in one query; a status without messages is missing or 0."""
    rows = CampaignCount.objects.filter(campaign__in=campaign_ids).order_by()
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for campaign_id, status, count in rows.values_list("campaign", "status").annotate(Sum("count")):
        found[campaign_id][status] = count
    return found


def unsent(campaign_id: str) -> int:
    """Messages that wait or are on their way to a carrier. Once all recipients have a message, 0 is
    final: no status leads back."""
    counts = of([campaign_id]).get(campaign_id, {})
    return sum(counts.get(status, 0) for status in UNSENT)


def with_unsent(status: str) -> list[str]:
    """Ids of campaigns in this state that have unsent messages."""
    rows = CampaignCount.objects.filter(campaign__status=status, status__in=UNSENT).order_by()
    found = rows.values("campaign").annotate(unsent=Sum("count")).filter(unsent__gt=0)
    return sorted(found.values_list("campaign", flat=True))


def add_up() -> None:
    """Replace the new rows of each campaign by one sum per status."""
    new = CampaignCount.objects.filter(is_sum=False).order_by()
    for campaign_id in sorted(new.values_list("campaign", flat=True).distinct()):
        _add_up(campaign_id)


@transaction.atomic
def _add_up(campaign_id: str) -> None:
    rows = CampaignCount.objects.filter(campaign=campaign_id).order_by("pk")
    # Concurrent workers take different rows.
    taken = list(rows.select_for_update(skip_locked=True)[:MOST])
    CampaignCount.objects.filter(pk__in=[row.pk for row in taken]).delete()
    sums: Counter[str] = Counter()
    for row in taken:
        sums[row.status] += row.count
    CampaignCount.objects.bulk_create(
        CampaignCount(campaign_id=campaign_id, status=status, count=count, is_sum=True)
        for status, count in sums.items()
        if count
    )
