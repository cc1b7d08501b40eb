"""Retention of hourly sums."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from messaging.usage.models import UsageHour
from orbit.operations.retention import delete_in_chunks

_SETTLED = timedelta(days=2)  # after which no receipt of an hour is awaited


def prune_usage() -> int:
    """Delete hours older than RETENTION_USAGE_DAYS, and sums that went back to zero (all messages
    of the status `sent` have ended); return how many."""
    now = timezone.now()
    old = UsageHour.objects.filter(hour__lt=now - timedelta(days=settings.RETENTION_USAGE_DAYS))
    left = UsageHour.objects.filter(hour__lt=now - _SETTLED, messages=0, segments=0, amount=0)
    return delete_in_chunks(old) + delete_in_chunks(left)
