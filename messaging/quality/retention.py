"""Counts of carriers are kept for as long as anything is decided or shown by them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from messaging.quality.models import HOUR, MINUTE, QualityCount, QualityMove
from orbit.operations.retention import delete_in_chunks

# Minutes: those of the last 15 before nearly all receipts come (`evaluation.LONGEST_WAIT`).
KEPT = {MINUTE: timedelta(hours=6), HOUR: timedelta(hours=26)}


def prune_counts() -> int:
    """Delete counts that are too old, and moves as old as usage is kept."""
    now = timezone.now()
    oldest = now - timedelta(days=settings.RETENTION_USAGE_DAYS)
    return delete_in_chunks(QualityMove.objects.filter(at__lt=oldest)) + sum(
        delete_in_chunks(QualityCount.objects.filter(span=span, start__lt=now - kept))
        for span, kept in KEPT.items()
    )
