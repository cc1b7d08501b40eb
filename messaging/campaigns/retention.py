"""Old recipients and messages of campaigns are deleted, and so the numbers in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from messaging.campaigns.models import Campaign, Recipient
from messaging.messages.models import Message
from messaging.messages.retention import ended_long_ago
from orbit.operations.retention import delete_in_chunks

_CHUNK = 1000


def prune_recipients() -> int:
    """Delete the recipients of campaigns that ended RETENTION_MESSAGES_DAYS ago; return how many.

    Those of drafts and paused campaigns are still to be used.
    """
    own = Recipient.objects.filter(campaign=OuterRef("pk"))
    ended = Campaign.objects.filter(Exists(own), finished_at__lt=_oldest())
    # Campaign by campaign: else all recipients are walked for those of a few.
    return sum(
        delete_in_chunks(Recipient.objects.filter(campaign=campaign_id))
        for campaign_id in list(ended.values_list("pk", flat=True))
    )


def prune_campaign_messages() -> int:
    """Delete messages of campaigns that ended RETENTION_MESSAGES_DAYS ago; return how many.

    Their campaign still counts them in its progress.
    """
    deleted = 0
    while chunk := _forget():
        deleted += chunk
    return deleted


def _oldest() -> datetime:
    return timezone.now() - timedelta(days=settings.RETENTION_MESSAGES_DAYS)


@transaction.atomic
def _forget() -> int:
    old = ended_long_ago().filter(campaign__isnull=False)
    # Locked, so that another process that prunes now does not count them too.
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
