"""Retention: old events are deleted with their deliveries, and the numbers and texts in both."""

from __future__ import annotations

from messaging.webhooks.models import Event
from orbit.accounts.organizations.retention import spans
from orbit.operations.retention import delete_in_chunks


def prune_events() -> int:
    """Delete events older than they are kept; return how many."""
    return sum(
        delete_in_chunks(Event.objects.filter(whose, created_at__lt=oldest))
        for whose, oldest in spans()
    )
