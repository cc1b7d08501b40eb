"""Retention: old recipients and messages of campaigns are deleted, with the numbers in them."""

from __future__ import annotations

from collections import Counter, defaultdict

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from messaging.campaigns.models import Campaign, Recipient
from messaging.messages.models import Message
from messaging.messages.retention import ended_long_ago
from orbit.accounts.organizations.retention import spans
from orbit.operations.retention import delete_in_chunks

_CHUNK = 1000


def prune_recipients() -> int:
    """Delete recipients of campaigns that ended RETENTION_MESSAGES_DAYS ago; return how many.
    Drafts and paused campaigns keep theirs."""
    own = Recipient.objects.filter(campaign=OuterRef("pk"))
    deleted = 0
    for whose, oldest in spans():
        ended = Campaign.objects.filter(Exists(own), whose, finished_at__lt=oldest)
        # Campaign by campaign: otherwise the query walks all recipients to find those of a few.
        for campaign_id in list(ended.values_list("pk", flat=True)):
            deleted += delete_in_chunks(Recipient.objects.filter(campaign=campaign_id))
            Campaign.objects.filter(pk=campaign_id).update(recipients_bytes=0)
    return deleted


def prune_campaign_messages() -> int:
    """Delete messages of campaigns that ended RETENTION_MESSAGES_DAYS ago; return how many. The
    campaign keeps their counts (`forgotten`)."""
    deleted = 0
    for ended in ended_long_ago():
        while chunk := _forget(ended):
            deleted += chunk
    return deleted


@transaction.atomic
def _forget(ended: QuerySet[Message]) -> int:
    old = ended.filter(campaign__isnull=False)
    # Locked, so that a concurrent run does not count them twice.
    rows = old.order_by("pk").select_for_update(of=("self",), skip_locked=True)
    chunk = list(rows.values_list("pk", "campaign_id", "status")[:_CHUNK])
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for _, campaign_id, status in chunk:
        counts[campaign_id][status] += 1
    for campaign in Campaign.objects.select_for_update().filter(pk__in=counts).order_by("pk"):
        forgotten = Counter(campaign.forgotten) + counts[campaign.pk]
        Campaign.objects.filter(pk=campaign.pk).update(forgotten=forgotten)
    Message.objects.filter(pk__in=[pk for pk, _, _ in chunk]).delete()
    return len(chunk)
