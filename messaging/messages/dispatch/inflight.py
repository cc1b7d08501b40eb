"""How many messages a carrier's bind may have in the gateway.

The gateway's queue is not our buffer: messages in it can't be paused. So it has at most two seconds
of a bind's traffic; the others wait in the database.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from messaging.credentials.models import Credential
from messaging.messages.models import Message, MessageStatus

LEAST = 10  # messages
SECONDS = 2
UNLIMITED = 1000  # messages/s that count for a bind without a limit: the most that one can have
# A gateway with a lane answers for a message within this time, or the record waits for a receiver
# that is away, or was lost with the gateway's store: after it the message takes no room.
REPORTED = timedelta(seconds=90)


def limit(throughput: int | None) -> int:
    """Messages that a bind of `throughput` (messages/s; None: no limit) may have in the gateway."""
    return max(LEAST, SECONDS * (throughput or UNLIMITED))


def room(credential_ids: Collection[str]) -> dict[str, int]:
    """How many more messages each credential may take now. The rows stay locked until the
    transaction ends, so that the next claim counts this one: in two statements, since the one that
    waits for the lock would not see what was claimed meanwhile."""
    credentials = (
        Credential.objects.filter(pk__in=credential_ids)
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk", "throughput")
    )
    limits = {pk: limit(throughput) for pk, throughput in credentials}
    if not limits:
        return {}
    here = Q(lane="") | Q(claimed_at__gt=timezone.now() - REPORTED)
    claimed = Message.objects.filter(
        here, status=MessageStatus.SENDING, claimed_at__isnull=False, credential__in=limits
    )
    counts = dict(claimed.values_list("credential").order_by().annotate(Count("pk")))
    return {pk: most - counts.get(pk, 0) for pk, most in limits.items()}
