"""Old events are deleted with their deliveries, and so the numbers and texts in both."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from messaging.webhooks.models import Event
from orbit.operations.retention import delete_in_chunks


def prune_events() -> int:
    """Delete events older than RETENTION_MESSAGES_DAYS; return how many."""
    oldest = timezone.now() - timedelta(days=settings.RETENTION_MESSAGES_DAYS)
    return delete_in_chunks(Event.objects.filter(created_at__lt=oldest))
