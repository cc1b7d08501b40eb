"""What goes through the accesses of organisations, counted."""

from __future__ import annotations

from django.db.models import F

from messaging.access.models import Access


def count(gateway_key: str, submits: int) -> None:
    """Add submits of the access whose user has this key; another user's are not counted."""
    rows = Access.objects.filter(organization__gateway_key=gateway_key)
    rows.update(submits_total=F("submits_total") + submits)
