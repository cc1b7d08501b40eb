"""Retention: confirmations are kept as long as messages, opt-outs until they are removed."""

from __future__ import annotations

from messaging.opt_outs.models import Confirmation
from orbit.accounts.organizations.retention import spans
from orbit.operations.retention import delete_in_chunks


def prune_confirmations() -> int:
    """Delete those that are older than messages are kept; return how many."""
    return sum(
        delete_in_chunks(Confirmation.objects.filter(whose, created_at__lt=oldest))
        for whose, oldest in spans()
    )
