"""Inbound texts are deleted as messages are."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from messaging.inbound.models import InboundPdu
from orbit.operations.retention import delete_in_chunks


def prune_inbound() -> int:
    """Delete texts that came RETENTION_MESSAGES_DAYS ago; return how many."""
    oldest = timezone.now() - timedelta(days=settings.RETENTION_MESSAGES_DAYS)
    return delete_in_chunks(InboundPdu.objects.filter(received_at__lt=oldest))
