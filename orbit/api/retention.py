"""Retention: stored answers to requests with an Idempotency-Key."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from orbit.api.models import IdempotentRequest
from orbit.operations import retention


def prune_idempotent_requests() -> int:
    """Delete old requests that were answered, or are past their lease; return how many."""
    now = timezone.now()
    old = now - timedelta(hours=settings.RETENTION_IDEMPOTENCY_HOURS)
    over = Q(answered_at__isnull=False) | Q(leased_until__lt=now)
    requests = IdempotentRequest.objects.filter(over, created_at__lt=old)
    return retention.delete_in_chunks(requests)


retention.register("idempotent_requests", prune_idempotent_requests)
