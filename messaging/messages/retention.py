"""Old messages are forgotten, with the numbers and texts in them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from messaging.messages.models import Message
from orbit.api.retention import delete_in_chunks


def prune_messages() -> int:
    """Delete messages that ended RETENTION_MESSAGES_DAYS ago; return how many.

    Those of campaigns are counted first: `messaging.campaigns.retention` deletes them. What has not
    ended stays: it would be lost without a word, and sweeping ends it in time.
    """
    oldest = timezone.now() - timedelta(days=settings.RETENTION_MESSAGES_DAYS)
    return delete_in_chunks(Message.objects.filter(campaign=None, finished_at__lt=oldest))
