"""Tell parts whose others do not arrive, settle contested texts, and expire undelivered ones.

Celery beat starts this every few seconds; runs may overlap.
"""

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
    """Expire texts that platforms have not taken, and tell parts that have waited long enough.

    Time counts up to the moment until which all logs have been read: unread records may hold the
    missing parts.
    """
    access_queue.expire()
    until = min(timezone.now(), gateway.reported_until())
    for _ in range(ROUNDS):
        if _round(until) < MOST:
            break


def _round(until: datetime) -> int:
    """Look at up to `MOST` due parts; return how many."""
    with transaction.atomic():
        # Not locked here: `tell_due` locks the rows by id, as the receiver does.
        due = InboundPdu.objects.filter(due_at__lte=until).order_by("due_at")
        rows = list(due.values_list("join_key", "received_at")[:MOST])
        if rows:
            since = min(received_at for _, received_at in rows)
            keys = list(dict.fromkeys(key for key, _ in rows))
            services.tell_due(keys, since=since, now=until)
    return len(rows)
