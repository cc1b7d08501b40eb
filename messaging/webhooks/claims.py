"""Who works on which deliveries: claims with a lease, and what came of them.

Every write is a compare-and-set. A claim is only a `due_at` in the future and a word that tells
claims apart, so a worker that dies leaves deliveries that are due again by themselves, and one
that was overtaken writes nothing.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from messaging import bulk
from messaging.leases import Lease
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


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that a worker may attempt, and what it brings."""

    pk: str
    webhook_id: str | None
    url: str
    attempts: int
    event_id: str
    type: str
    organization_id: str
    body: str = field(repr=False)
    lease: Lease
    claim: str


def due() -> QuerySet[Delivery]:
    """Those that wait for a worker, at this moment."""
    return Delivery.objects.filter(status=DeliveryStatus.PENDING, due_at__lte=timezone.now())


def take(lane: str, limit: int) -> list[Claimed]:
    """Claim at most `limit` due deliveries of a lane, the longest due first, with their events."""
    with transaction.atomic():
        rows = due().filter(lane=lane).order_by("due_at", "pk")
        ids = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
        if not ids:
            return []
        claim, lease = secrets.token_hex(16), Lease.begin(LEASE)
        Delivery.objects.filter(pk__in=ids).update(claim=claim, due_at=lease.until)
        rows = Delivery.objects.filter(pk__in=ids).order_by().values_list(*_READ)
        taken = {row[0]: Claimed(*row, lease, claim) for row in rows}
    return [taken[pk] for pk in ids if pk in taken]


def give_back(deliveries: Sequence[Claimed]) -> None:
    """Let go of deliveries that were not attempted: they are due now. One that somebody has locked
    is being abandoned: to wait for it could deadlock."""
    if deliveries:
        ids = [delivery.pk for delivery in deliveries]
        rows = Delivery.objects.filter(pk__in=ids, **_ours(deliveries[0]))
        with transaction.atomic():
            free = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
            Delivery.objects.filter(pk__in=free).update(claim="", due_at=timezone.now())


def settle(results: Sequence[tuple[Claimed, Outcome]]) -> None:
    """Write what came of deliveries of one claim, and what it says of their webhooks."""
    if not results:
        return
    values = {delivery.pk: _what_came(delivery, outcome) for delivery, outcome in results}
    with transaction.atomic():
        _tell_webhooks(results)  # first, as whoever changes a webhook locks it first
        bulk.update(Delivery, values, _WRITTEN, where=_ours(results[0][0]))


def abandon(webhook: Webhook, why: str) -> None:
    """Give up what waits for this webhook."""
    waiting = Delivery.objects.filter(webhook=webhook, status=DeliveryStatus.PENDING)
    waiting.update(status=DeliveryStatus.DEAD, claim="", error=why)


_READ = (  # of `Claimed`
    "pk",
    "webhook_id",
    "url",
    "attempts",
    "event_id",
    "event__type",
    "event__organization_id",
    "event__body",
)
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


def _ours(delivery: Claimed) -> dict[str, str]:
    """What the deliveries of its claim have until another worker claims them."""
    return {"claim": delivery.claim, "status": DeliveryStatus.PENDING}


def _what_came(delivery: Claimed, outcome: Outcome) -> dict[str, Any]:
    """Values of `_WRITTEN`."""
    attempts, due_at = delivery.attempts + 1, delivery.lease.until
    # Whoever tests looks now, not in a day.
    retries = () if delivery.type == TEST_EVENT else RETRIES
    status = DeliveryStatus.PENDING
    if not outcome.error:
        status = DeliveryStatus.DELIVERED
    elif attempts > len(retries):
        status = DeliveryStatus.DEAD
    else:
        due_at = timezone.now() + retries[attempts - 1]
    return {
        "status": status,
        "due_at": due_at,
        "claim": "",
        "attempts": attempts,
        "attempted_at": outcome.at,
        "error": outcome.error,
        "response_status": outcome.status,
        "response_body": outcome.body,
        "response_ms": outcome.ms,
    }


def _tell_webhooks(results: Iterable[tuple[Claimed, Outcome]]) -> None:
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
