"""How far campaigns are: their recipients counted by what has become of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import Count

from messaging.campaigns.models import Campaign, CampaignStatus
from messaging.messages.models import Message, MessageStatus

COUNTED = {  # status of a message -> its name in `progress`
    MessageStatus.QUEUED: "queued",
    MessageStatus.SENDING: "sending",
    MessageStatus.SENT: "sent",
    MessageStatus.DELIVERED: "delivered",
    MessageStatus.UNDELIVERED: "undelivered",
    MessageStatus.FAILED: "failed",
    MessageStatus.EXPIRED: "expired",
    MessageStatus.SUBMITTED_NO_RECEIPT: "unknown",
}
NO_MESSAGE = "cancelled"  # and never gets one
NAMES = ("total", *COUNTED.values(), NO_MESSAGE)


def progress(campaign: Campaign) -> dict[str, int]:
    """`{total, queued, …}`: all but `total` add up to it."""
    return of([campaign])[campaign.pk]


def of(campaigns: Sequence[Campaign]) -> dict[str, dict[str, int]]:
    """The same of many by id, in one query."""
    counts = _messages([campaign.pk for campaign in campaigns])
    return {campaign.pk: _sum(campaign, counts[campaign.pk]) for campaign in campaigns}


def _messages(ids: list[str]) -> Mapping[str, dict[str, int]]:
    rows = Message.objects.filter(campaign__in=ids).order_by().values_list("campaign", "status")
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for campaign_id, status, count in rows.annotate(Count("pk")):
        found[campaign_id][status] = count
    return found


def _sum(campaign: Campaign, counts: Mapping[str, int]) -> dict[str, int]:
    found = dict.fromkeys(NAMES, 0) | {"total": campaign.recipients_total}
    for status, name in COUNTED.items():
        found[name] = counts.get(status, 0) + campaign.forgotten.get(status, 0)
    # Those who have no message yet wait as much as those whose message does.
    over = campaign.status == CampaignStatus.CANCELLED
    found[NO_MESSAGE if over else "queued"] += campaign.recipients_total - campaign.fed
    return found
