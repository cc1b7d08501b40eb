"""Inbound texts are deleted as messages are."""

from __future__ import annotations

from messaging.inbound.models import InboundPdu
from orbit.accounts.organizations.retention import spans
from orbit.operations.retention import delete_in_chunks


def prune_inbound() -> int:
    """Delete texts that are older than they are kept; return how many."""
    return sum(
        delete_in_chunks(InboundPdu.objects.filter(whose, received_at__lt=oldest))
        for whose, oldest in spans()
    )
