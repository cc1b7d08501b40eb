"""The progress of campaigns: recipients counted by the status of their messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Count

from messaging.campaigns import counts
from messaging.campaigns.models import Campaign, CampaignStatus
from messaging.messages.models import Message, MessageStatus
from messaging.opt_outs.gate import OPTED_OUT

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
NO_MESSAGE = "cancelled"  # recipients that never get a message
NAMES = ("total", *COUNTED.values(), NO_MESSAGE)


def progress(campaign: Campaign) -> dict[str, int]:
    """`{total, queued, …}`: all but `total` add up to it."""
    return of([campaign])[campaign.pk]


def of(campaigns: Sequence[Campaign]) -> dict[str, dict[str, int]]:
    """The progress of many campaigns by id, in one query."""
    found = counts.of([campaign.pk for campaign in campaigns])
    return {each.pk: _named(each, found.get(each.pk, {})) for each in campaigns}


def opted_out(campaigns: Sequence[Campaign]) -> dict[str, int]:
    """By campaign id, how many failed messages were not sent because the person had opted out."""
    rows = Message.objects.filter(
        campaign__in=[campaign.pk for campaign in campaigns],
        campaign__isnull=False,  # must match the index's condition
        error_code=OPTED_OUT,
    ).order_by()
    counted = rows.values("campaign").annotate(count=Count("pk"))
    found = {campaign.pk: 0 for campaign in campaigns}
    return found | dict(counted.values_list("campaign", "count"))


def _named(campaign: Campaign, by_status: Mapping[str, int]) -> dict[str, int]:
    found = dict.fromkeys(NAMES, 0) | {"total": campaign.recipients_total}
    for status, name in COUNTED.items():
        found[name] = by_status.get(status, 0)
    # A recipient without a message counts as queued. `fed` was read before the counts and may be
    # older.
    over = campaign.status == CampaignStatus.CANCELLED
    made = max(campaign.fed, sum(by_status.values()))
    found[NO_MESSAGE if over else "queued"] += max(0, campaign.recipients_total - made)
    return found
