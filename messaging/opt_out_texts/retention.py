"""Retention: near misses are deleted with their texts."""

from __future__ import annotations

from django.db.models import QuerySet

from messaging.inbound.models import InboundMessage
from messaging.opt_out_texts.models import NearMiss
from orbit.accounts.organizations.retention import spans
from orbit.operations.retention import delete_in_chunks


def prune_near_misses() -> int:
    """Delete near misses older than texts are kept; return how many."""
    return sum(
        delete_in_chunks(NearMiss.objects.filter(whose, created_at__lt=oldest))
        for whose, oldest in spans()
    )


def delete_of(texts: QuerySet[InboundMessage]) -> None:
    """Delete the near misses of texts that are about to be deleted."""
    NearMiss.objects.filter(message_id__in=texts.order_by().values("pk")).delete()
