"""Claims of deliveries: a worker takes some under a lease, and records the results.

Every write is a compare-and-set. A claim is a `due_at` in the future and a random word that tells
claims apart. So the deliveries of a worker that died are due again by themselves, and a worker
that has lost its claim writes nothing.
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
from messaging.webhooks.models import Delivery, DeliveryStatus, Webhook
from messaging.webhooks.retry import pause_after

LEASE = timedelta(seconds=60)


@dataclass(frozen=True)
class AttemptResult:
    """The result of an attempt. `error`: "" if the event is delivered. `status` and `body`: the
    HTTP answer, None and "" without one. `ms`: milliseconds that the attempt took."""

    at: datetime
    ms: int
    error: str = ""
    status: int | None = None
    body: str = ""


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A delivery that this worker may attempt while `lease` holds, with its event."""

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
    """Deliveries that wait for a worker now."""
    return Delivery.objects.filter(status=DeliveryStatus.PENDING, due_at__lte=timezone.now())


def take(lane: str, limit: int) -> list[ClaimedDelivery]:
    """Claim at most `limit` due deliveries of a lane, the longest due first, with their events."""
    with transaction.atomic():
        rows = due().filter(lane=lane).order_by("due_at", "pk")
        ids = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
        if not ids:
            return []
        claim, lease = secrets.token_hex(16), Lease.begin(LEASE)
        Delivery.objects.filter(pk__in=ids).update(claim=claim, due_at=lease.until)
        rows = Delivery.objects.filter(pk__in=ids).order_by().values_list(*_READ)
        taken = {row[0]: ClaimedDelivery(*row, lease, claim) for row in rows}
    return [taken[pk] for pk in ids if pk in taken]


def release(deliveries: Sequence[ClaimedDelivery]) -> None:
    """Release deliveries that were not attempted: they are due again. Locked rows are being
    abandoned and are skipped, since waiting for them could deadlock."""
    if deliveries:
        ids = [delivery.pk for delivery in deliveries]
        rows = Delivery.objects.filter(pk__in=ids, **_ours(deliveries[0]))
        with transaction.atomic():
            free = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
            Delivery.objects.filter(pk__in=free).update(claim="", due_at=timezone.now())


def record(results: Sequence[tuple[ClaimedDelivery, AttemptResult]]) -> None:
    """Write the results of deliveries of one claim, and the last success and failure of their
    webhooks."""
    if not results:
        return
    values = {delivery.pk: _result(delivery, result) for delivery, result in results}
    with transaction.atomic():
        _note_in_webhooks(results)  # first: a change of a webhook locks it before its deliveries
        bulk.update(Delivery, values, _WRITTEN, where=_ours(results[0][0]))


def abandon(webhook: Webhook, why: str) -> None:
    """Give up deliveries that wait for this webhook."""
    waiting = Delivery.objects.filter(webhook=webhook, status=DeliveryStatus.PENDING)
    waiting.update(status=DeliveryStatus.DEAD, claim="", error=why)


_READ = (  # of `ClaimedDelivery`
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


def _ours(delivery: ClaimedDelivery) -> dict[str, str]:
    """Column values of the claim's deliveries, until another worker claims them."""
    return {"claim": delivery.claim, "status": DeliveryStatus.PENDING}


def _result(delivery: ClaimedDelivery, result: AttemptResult) -> dict[str, Any]:
    """Values of `_WRITTEN`."""
    attempts, due_at = delivery.attempts + 1, delivery.lease.until
    status = DeliveryStatus.PENDING
    if not result.error:
        status = DeliveryStatus.DELIVERED
    elif pause := pause_after(attempts, delivery.type):
        due_at = timezone.now() + pause
    else:
        status = DeliveryStatus.DEAD
    return {
        "status": status,
        "due_at": due_at,
        "claim": "",
        "attempts": attempts,
        "attempted_at": result.at,
        "error": result.error,
        "response_status": result.status,
        "response_body": result.body,
        "response_ms": result.ms,
    }


def _note_in_webhooks(results: Iterable[tuple[ClaimedDelivery, AttemptResult]]) -> None:
    """Write the last success and the last failure of each webhook, in one update each."""
    news: dict[str, dict[str, object]] = defaultdict(dict)
    for delivery, result in results:
        if delivery.webhook_id and result.error:
            news[delivery.webhook_id] |= {
                "last_failure_at": result.at,
                "last_failure": result.error,
            }
        elif delivery.webhook_id:
            news[delivery.webhook_id]["last_success_at"] = result.at
    for webhook_id in sorted(news):  # in one order: two workers can't deadlock
        Webhook.objects.filter(pk=webhook_id).update(**news[webhook_id])
