"""Retention: sticky mappings are deleted once they have expired."""

from __future__ import annotations

from django.utils import timezone

from messaging.pools.models import StickySender
from orbit.operations.retention import delete_in_chunks


def prune_sticky_senders() -> int:
    """Delete mappings that have expired; return how many."""
    return delete_in_chunks(StickySender.objects.filter(expires_at__lte=timezone.now()))
