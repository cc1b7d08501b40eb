"""Retention of quality counts: as long as decisions or reports read them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from messaging.quality.models import HOUR, MINUTE, QualityCount, QualityMove
from orbit.operations.retention import delete_in_chunks

# A decision reads the 15 minutes before `selectors.LONGEST_WAIT`; a report reads 24 hours.
KEPT = {MINUTE: timedelta(hours=6), HOUR: timedelta(hours=26)}


def prune_counts() -> int:
    """Delete old counts, and changes of level older than RETENTION_USAGE_DAYS; return how many
    rows."""
    now = timezone.now()
    oldest = now - timedelta(days=settings.RETENTION_USAGE_DAYS)
    return delete_in_chunks(QualityMove.objects.filter(at__lt=oldest)) + sum(
        delete_in_chunks(QualityCount.objects.filter(span=span, start__lt=now - kept))
        for span, kept in KEPT.items()
    )
