"""Count the submits of an access."""

from __future__ import annotations

from django.db.models import F

from messaging.access.models import Access


def add_submits(gateway_key: str, submits: int) -> None:
    """Add submits to the access of the user `gateway_key`; a key of no access adds nothing."""
    rows = Access.objects.filter(organization__gateway_key=gateway_key)
    rows.update(submits_total=F("submits_total") + submits)
