"""Retention: marks of handled texts are deleted with the texts."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from messaging.inbound.models import InboundMessage
from orbit.console.waiting.models import SeenTo
from orbit.operations import retention


def prune_seen_to() -> int:
    """Delete rows whose text is gone; return how many."""
    text = InboundMessage.objects.filter(pk=OuterRef("pk"))
    return retention.delete_in_chunks(SeenTo.objects.filter(~Exists(text)))


retention.register("seen_to", prune_seen_to)
