"""Who works on which deliveries: claims with a lease, and what came of them.

Every write is a compare-and-set. A claim is only a `due_at` in the future and a word that tells
claims apart, so a worker that dies leaves deliveries that are due again by themselves, and one
that was overtaken writes nothing.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from messaging.webhooks.models import TEST_EVENT, Delivery, DeliveryStatus, Webhook

LEASE = timedelta(seconds=60)
# After the attempt at once; then the delivery is dead.
RETRIES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
)


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt. `error`: "" if the event is delivered. `status` and `body`: the
    HTTP answer, None and "" without one. `ms`: milliseconds that it took."""

    at: datetime
    ms: int
    error: str = ""
    status: int | None = None
    body: str = ""


def due() -> QuerySet[Delivery]:
    """Those that wait for a worker, at this moment."""
    return Delivery.objects.filter(status=DeliveryStatus.PENDING, due_at__lte=timezone.now())


def take(lane: str, limit: int) -> list[Delivery]:
    """Claim at most `limit` due deliveries of a lane, the longest due first, with their events."""
    with transaction.atomic():
        rows = due().filter(lane=lane).order_by("due_at", "pk")
        ids = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
        if not ids:
            return []
        claim = secrets.token_hex(16)
        Delivery.objects.filter(pk__in=ids).update(claim=claim, due_at=timezone.now() + LEASE)
    taken = Delivery.objects.filter(pk__in=ids, claim=claim).select_related("event")
    return sorted(taken, key=lambda delivery: ids.index(delivery.pk))


def give_back(deliveries: Sequence[Delivery]) -> None:
    """Let go of deliveries that were not attempted: they are due now."""
    if deliveries:
        ids = [delivery.pk for delivery in deliveries]
        _claimed(deliveries[0].claim).filter(pk__in=ids).update(claim="", due_at=timezone.now())


def settle(results: Sequence[tuple[Delivery, Outcome]]) -> None:
    """Write what came of deliveries of one claim, and what it says of their webhooks."""
    if not results:
        return
    claim = results[0][0].claim
    for delivery, outcome in results:
        _apply(delivery, outcome)
    with transaction.atomic():
        _tell_webhooks(results)  # first, as whoever changes a webhook locks it first
        _claimed(claim).bulk_update([delivery for delivery, _ in results], _WRITTEN)


def abandon(webhook: Webhook, why: str) -> None:
    """Give up what waits for this webhook."""
    waiting = Delivery.objects.filter(webhook=webhook, status=DeliveryStatus.PENDING)
    waiting.update(status=DeliveryStatus.DEAD, claim="", error=why)


_WRITTEN = (
    "status",
    "due_at",
    "claim",
    "attempts",
    "attempted_at",
    "error",
    "response_status",
    "response_body",
    "response_ms",
)


def _claimed(claim: str) -> QuerySet[Delivery]:
    return Delivery.objects.filter(claim=claim, status=DeliveryStatus.PENDING)


def _apply(delivery: Delivery, outcome: Outcome) -> None:
    delivery.claim, delivery.attempts = "", delivery.attempts + 1
    delivery.attempted_at, delivery.error = outcome.at, outcome.error
    delivery.response_status, delivery.response_body = outcome.status, outcome.body
    delivery.response_ms = outcome.ms
    # Whoever tests looks now, not in a day.
    retries = () if delivery.event.type == TEST_EVENT else RETRIES
    if not outcome.error:
        delivery.status = DeliveryStatus.DELIVERED
    elif delivery.attempts > len(retries):
        delivery.status = DeliveryStatus.DEAD
    else:
        delivery.due_at = timezone.now() + retries[delivery.attempts - 1]


def _tell_webhooks(results: Iterable[tuple[Delivery, Outcome]]) -> None:
    """The last success and the last failure of each: one update a webhook."""
    news: dict[str, dict[str, object]] = defaultdict(dict)
    for delivery, outcome in results:
        if delivery.webhook_id and outcome.error:
            news[delivery.webhook_id] |= {
                "last_failure_at": outcome.at,
                "last_failure": outcome.error,
            }
        elif delivery.webhook_id:
            news[delivery.webhook_id]["last_success_at"] = outcome.at
    for webhook_id in sorted(news):  # in one order, so that two workers do not lock each other out
        Webhook.objects.filter(pk=webhook_id).update(**news[webhook_id])
