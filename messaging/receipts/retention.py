"""Parts are deleted a week after their messages, stray receipts after a week."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from messaging.receipts.models import Part, StrayReceipt
from messaging.receipts.strays import KEPT
from orbit.operations.retention import delete_in_chunks


def prune_parts() -> int:
    """Delete parts that were answered RETENTION_MESSAGES_DAYS ago, and a week: their messages have
    ended, and a receipt that comes so late changes nothing. Return how many."""
    return delete_in_chunks(Part.objects.filter(answered_at__lt=_oldest() - timedelta(days=7)))


def prune_strays() -> int:
    """Delete stray receipts older than `KEPT`; return how many."""
    oldest = timezone.now() - KEPT
    return delete_in_chunks(StrayReceipt.objects.filter(created_at__lt=oldest))


def _oldest() -> datetime:
    return timezone.now() - timedelta(days=settings.RETENTION_MESSAGES_DAYS)
