"""Old messages are deleted, and so the numbers and texts in them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from messaging.messages.models import ID_PREFIX, Message
from orbit.ids import surely_after
from orbit.operations.retention import delete_in_chunks


def prune_messages() -> int:
    """Delete messages that ended RETENTION_MESSAGES_DAYS ago; return how many.

    Those of campaigns are counted first: `messaging.campaigns.retention` deletes them. A message
    that has not ended stays: `dispatch.recovery` ends it in time.
    """
    return delete_in_chunks(ended_long_ago().filter(campaign=None))


def ended_long_ago() -> QuerySet[Message]:
    """Those that ended RETENTION_MESSAGES_DAYS ago: what ended before then was made before then, so
    that the order of ids leads to them, and no index on the time of the end is written."""
    oldest = timezone.now() - timedelta(days=settings.RETENTION_MESSAGES_DAYS)
    return Message.objects.filter(pk__lt=surely_after(ID_PREFIX, oldest), finished_at__lt=oldest)
