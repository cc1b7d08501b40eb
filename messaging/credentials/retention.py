"""Retention: attempts at binds are deleted once no limit counts them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from messaging.credentials.bind_attempts import BindAttempt
from orbit.api.throttling import Rate
from orbit.operations.retention import delete_in_chunks


def prune_bind_attempts() -> int:
    """Delete attempts that are older than each limit's window; return how many."""
    limits = (
        settings.REFUSED_BINDS_OF_CREDENTIAL,
        settings.REFUSED_BINDS_OF_CALLER,
        settings.REFUSED_BINDS_OF_HOST,
    )
    longest = timedelta(seconds=max(Rate.parse(each).seconds for each in limits))
    return delete_in_chunks(BindAttempt.objects.filter(at__lt=timezone.now() - longest))
