"""Notices that are over are deleted after RETENTION_USAGE_DAYS, silences with them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from messaging.notices.models import Notice, NoticeSilence
from orbit.operations.retention import delete_in_chunks


def prune_notices() -> int:
    oldest = timezone.now() - timedelta(days=settings.RETENTION_USAGE_DAYS)
    return delete_in_chunks(Notice.objects.filter(until__lt=oldest)) + delete_in_chunks(
        NoticeSilence.objects.filter(end__lt=oldest)
    )
