"""Retention: old tests are deleted, with their numbers, texts and PDUs."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from messaging.carrier_tests.models import CarrierTest
from orbit.operations.retention import delete_in_chunks


def prune_tests() -> int:
    """Delete tests older than RETENTION_MESSAGES_DAYS; return how many."""
    oldest = timezone.now() - timedelta(days=settings.RETENTION_MESSAGES_DAYS)
    return delete_in_chunks(CarrierTest.objects.filter(created_at__lt=oldest))
