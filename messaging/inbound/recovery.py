"""Parts whose others do not come, texts that are contested, and texts that platforms do not take.
Beat comes every few seconds; the sweep may run many times at once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from messaging import gateway
from messaging.inbound import access_queue, services
from messaging.inbound.models import InboundPdu

MOST = 500  # parts in one transaction
ROUNDS = 20  # transactions in one sweep


def sweep() -> None:
    """Give up what platforms have not taken, and tell parts that have waited long enough; not while
    records of that time are unread, in which the missing parts may be."""
    access_queue.expire()
    until = min(timezone.now(), gateway.reported_until())
    for _ in range(ROUNDS):
        if _round(until) < MOST:
            break


def _round(until: datetime) -> int:
    """Return how many parts were looked at."""
    with transaction.atomic():
        # Not locked here: rows are locked once, in the order of their ids, as the receiver does.
        due = InboundPdu.objects.filter(due_at__lte=until).order_by("due_at")
        rows = list(due.values_list("join_key", "received_at")[:MOST])
        if rows:
            since = min(received_at for _, received_at in rows)
            keys = list(dict.fromkeys(key for key, _ in rows))
            services.tell_due(keys, since=since, now=until)
    return len(rows)
