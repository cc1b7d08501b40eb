"""Delivering events: a worker claims due deliveries of a lane, posts them over one connection, and
records the results."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence

from django.utils import timezone

from messaging.webhooks import claims, concurrency, enqueue
from messaging.webhooks.claims import AttemptResult, ClaimedDelivery
from messaging.webhooks.client import PostError, WebhookClient
from messaging.webhooks.endpoints import postable
from messaging.webhooks.models import SigningKey, Webhook, WebhookSecret
from messaging.webhooks.signing import signature
from orbit.db.fields import Undecryptable

logger = logging.getLogger(__name__)

BATCH = 100
TURN = 10.0  # seconds after which no further attempt is begun
WRITE = 1.0  # seconds after which results are written: a kill repeats no more
USER_AGENT = "Orbit-Webhooks/1.0"


def deliver(lane: str) -> None:
    """Attempt what is due in the lane, for a while; then the lane goes to the end of the queue."""
    enqueue.begun(lane)
    with concurrency.slot(lane) as ours:
        if not ours:
            return  # the workers that hold the slots look again when they are done
        taken = claims.take(lane, BATCH)
        if len(taken) == BATCH:
            enqueue.wake([lane])  # there may be work for another worker
        _attempt_all(lane, taken)
    if claims.due().filter(lane=lane).exists():
        enqueue.wake([lane])


class _Gone(Exception):
    """The webhook was deleted."""


class _Secrets:
    """The signing secrets of a batch's addresses, read once."""

    def __init__(self, deliveries: Sequence[ClaimedDelivery]) -> None:
        hooks = {each.webhook_id for each in deliveries if each.webhook_id}
        owners = {each.organization_id for each in deliveries if not each.webhook_id}
        self._hooks = Webhook.objects.in_bulk(hooks) if hooks else {}
        self._own = WebhookSecret.objects.in_bulk(owners) if owners else {}

    def of(self, delivery: ClaimedDelivery) -> list[str]:
        """Newest first; none if the organisation has made none. Raises _Gone, Undecryptable."""
        if delivery.webhook_id is None:
            return _valid(self._own.get(delivery.organization_id))
        if delivery.webhook_id not in self._hooks:
            raise _Gone
        return _valid(self._hooks[delivery.webhook_id])


def _valid(key: SigningKey | None) -> list[str]:
    if key is None:
        return []
    if key.previous_until is None or key.previous_until <= timezone.now():
        return [key.secret]
    return [key.secret, key.previous_secret]


def _attempt_all(lane: str, deliveries: Sequence[ClaimedDelivery]) -> None:
    secrets, results = _Secrets(deliveries), []
    written = time.monotonic()
    with WebhookClient() as client:
        for delivery in _for_a_turn(deliveries):
            result = _attempt(client, delivery, secrets)
            results.append((delivery, result))
            if result.ms > concurrency.SLOW * 1000:
                concurrency.mark_slow(lane)
            if time.monotonic() - written > WRITE:
                claims.record(results)
                results, written = [], time.monotonic()
    claims.record(results)


def _for_a_turn(deliveries: Sequence[ClaimedDelivery]) -> Iterator[ClaimedDelivery]:
    """Each delivery in turn while the turn and the lease last; the others are released."""
    end = time.monotonic() + TURN
    for place, delivery in enumerate(deliveries):
        if time.monotonic() > end or not delivery.lease.holds():
            claims.release(deliveries[place:])
            return
        yield delivery


def _attempt(client: WebhookClient, delivery: ClaimedDelivery, secrets: _Secrets) -> AttemptResult:
    """Never raises: a fault of one delivery must not stop the others."""
    at, begin = timezone.now(), time.monotonic()
    status, body = None, ""
    try:
        answer = client.post(*_request(delivery, secrets))
        status, body = answer.status, answer.body
        error = _fault(status)
    except PostError as failure:
        error = str(failure)
    except _Gone:
        error = "the webhook was deleted"
    except Undecryptable:
        error = "the signing secret cannot be read: rotate it"
    except ValueError as refusal:
        error = str(refusal)
    except Exception:
        logger.exception("%s broke off", delivery.pk)
        error = "a fault of ours; it is in our log"
    ms = round((time.monotonic() - begin) * 1000)
    return AttemptResult(at=at, ms=ms, error=error, status=status, body=body)


def _request(delivery: ClaimedDelivery, secrets: _Secrets) -> tuple:
    """Arguments of `WebhookClient.post`. Raises ValueError, _Gone, Undecryptable."""
    body = delivery.body.encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": USER_AGENT,
        "X-Devotel-Event-Id": delivery.event_id,
        "X-Devotel-Event-Type": delivery.type,
        "X-Devotel-Delivery-Id": delivery.pk,
    }
    valid = secrets.of(delivery)
    if valid:
        headers["X-Devotel-Signature"] = signature(valid, at=int(time.time()), body=body)
    return postable(delivery.url), body, headers


def _fault(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"answered with {status}: redirects are not followed"
    return f"answered with {status}"
