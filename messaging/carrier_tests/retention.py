"""Old tests are forgotten, with the numbers, texts and PDUs in them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from messaging.carriers.models import CarrierTest
from orbit.operations.retention import delete_in_chunks


def prune_tests() -> int:
    """Delete tests older than RETENTION_MESSAGES_DAYS; return how many."""
    oldest = timezone.now() - timedelta(days=settings.RETENTION_MESSAGES_DAYS)
    return delete_in_chunks(CarrierTest.objects.filter(created_at__lt=oldest))
