"""How many messages of a carrier's bind may be in the gateway at once.

Messages in the gateway can't be paused or rerouted. So it gets at most two seconds of a bind's
traffic, and the rest waits in the database.
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
UNLIMITED = 1000  # messages/s assumed for a bind without a limit; no limit can be set higher
# A gateway with a lane reports a message within this time. Later the record waits for a receiver
# that is down, or was lost with the gateway's store: the message no longer takes room.
REPORTED = timedelta(seconds=90)


def limit(throughput: int | None) -> int:
    """Messages that a bind of `throughput` (messages/s; None: no limit) may have in the gateway."""
    return max(LEAST, SECONDS * (throughput or UNLIMITED))


def room(credential_ids: Collection[str]) -> dict[str, int]:
    """How many more messages the gateway may get for each credential now.

    The credentials stay locked until the transaction ends, so that the next claim counts this one.
    It takes two statements: a single one that waits for the lock would not see the messages claimed
    meanwhile.
    """
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
