"""Sums of hours are deleted after RETENTION_USAGE_DAYS."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from messaging.usage.models import UsageHour
from orbit.operations.retention import delete_in_chunks

_SETTLED = timedelta(days=2)  # until the last receipts of an hour are there, or given up


def prune_usage() -> int:
    """Delete old hours, and sums that all messages have left (`sent`); return how many."""
    now = timezone.now()
    old = UsageHour.objects.filter(hour__lt=now - timedelta(days=settings.RETENTION_USAGE_DAYS))
    left = UsageHour.objects.filter(hour__lt=now - _SETTLED, messages=0, segments=0, amount=0)
    return delete_in_chunks(old) + delete_in_chunks(left)
