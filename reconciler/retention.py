"""Old passes are forgotten; what they did to credentials stays in the audit of who asked."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from orbit.api.retention import delete_in_chunks
from reconciler.models import Run


def prune_runs() -> int:
    """Delete passes older than RETENTION_RUNS_DAYS; return how many."""
    oldest = timezone.now() - timedelta(days=settings.RETENTION_RUNS_DAYS)
    return delete_in_chunks(Run.objects.filter(started_at__lt=oldest))
