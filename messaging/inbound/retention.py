"""Inbound texts are deleted as messages are."""

from __future__ import annotations

from django.db.models import QuerySet

from messaging.inbound.models import ID_PREFIX, InboundMessage, InboundPdu
from orbit.accounts.organizations.retention import spans
from orbit.ids import surely_after
from orbit.operations.retention import delete_in_chunks


def prune_inbound() -> int:
    """Delete texts and PDUs that are older than they are kept; return how many rows."""
    return sum(
        delete_in_chunks(rows)
        for whose, oldest in spans()
        for rows in (
            # Ids are ordered by time: no index on the time is written.
            InboundMessage.objects.filter(
                whose, pk__lt=surely_after(ID_PREFIX, oldest), created_at__lt=oldest
            ),
            InboundPdu.objects.filter(whose, received_at__lt=oldest),
        )
    )


def delete_texts(texts: QuerySet[InboundMessage]) -> int:
    """Delete texts with their PDUs; return how many texts."""
    ids = list(texts.values_list("pk", flat=True))
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        InboundPdu.objects.filter(message__in=chunk).delete()
        InboundMessage.objects.filter(pk__in=chunk).delete()
    return len(ids)


_CHUNK = 1000
