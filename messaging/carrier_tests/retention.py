"""Retention: old tests are deleted, with their numbers, texts and PDUs."""

from __future__ import annotations

from messaging.carrier_tests.models import CarrierTest
from orbit.accounts.organizations.retention import spans
from orbit.operations.retention import delete_in_chunks


def prune_tests() -> int:
    """Delete tests older than they are kept; return how many."""
    return sum(
        delete_in_chunks(CarrierTest.objects.filter(whose, created_at__lt=oldest))
        for whose, oldest in spans("carrier__organization")
    )
