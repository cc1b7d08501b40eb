"""Stream audit rows to the sinks: each row at least once, those of a chain in order.

Requests that write audit rows do not wait for it: a full disk or a syslog that is down delays
nothing, and missed rows follow later. Readers recognise a repeated row by its `id` and a missing
one by the gap in `seq`.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from orbit.accounts.audit import sinks
from orbit.accounts.audit.json_lines import CHUNK, line
from orbit.accounts.audit.models import AuditEvent, AuditHead, AuditStreamPosition


def drain() -> int:
    """Write all rows that the sinks lack; return how many. Raises OSError of a sink.

    Of several processes at once each chain has one.
    """
    if not sinks.configured():
        return 0
    written = 0
    for chain in list(_behind().values_list("chain", flat=True)):
        while count := _next_chunk(chain):
            written += count
    return written


def waiting_since() -> datetime | None:
    """When the oldest row was written that the sinks lack; None if they have all."""
    first = AuditEvent.objects.filter(chain=OuterRef("chain"), seq=OuterRef("streamed") + 1)
    waiting = _behind().annotate(since=Subquery(first.values("at")[:1]))
    return waiting.aggregate(oldest=Min("since"))["oldest"]


def _behind() -> QuerySet[AuditHead]:
    """Chains with rows that were not streamed."""
    position = AuditStreamPosition.objects.filter(chain=OuterRef("chain")).values("seq")
    return AuditHead.objects.annotate(streamed=Coalesce(Subquery(position), 0)).filter(
        seq__gt=F("streamed")
    )


@transaction.atomic
def _next_chunk(chain: str) -> int:
    positions = AuditStreamPosition.objects
    positions.bulk_create([AuditStreamPosition(chain=chain)], ignore_conflicts=True)
    position = positions.select_for_update(skip_locked=True).filter(chain=chain).first()
    if position is None:
        return 0  # another process has it
    rows = AuditEvent.objects.filter(chain=chain, seq__gt=position.seq).order_by("seq")[:CHUNK]
    events = list(rows)
    if not events:
        return 0
    lines = [line(event) for event in events]
    for sink in sinks.configured():
        sink.write(lines)
    position.seq = events[-1].seq
    position.save(update_fields=["seq"])
    return len(events)
