"""Telling that something happened: what every other part of the product calls."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from messaging.webhooks import enqueue
from messaging.webhooks.lanes import lane_of
from messaging.webhooks.models import ALL_EVENTS, Delivery, Event, Webhook
from orbit.api.envelope import timestamp
from orbit.ids import new_id


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """What happened to an organisation's things. `data` is JSON; `url`: an address that is to be
    told beside the organisation's webhooks (one that `endpoints.parse` takes)."""

    organization_id: str
    type: str
    data: Mapping[str, Any]
    url: str = ""


def emit(*, organization_id: str, type: str, data: Mapping[str, Any], url: str = "") -> None:
    """`emit_many` of one."""
    emit_many([Occurrence(organization_id=organization_id, type=type, data=data, url=url)])


def emit_many(occurrences: Sequence[Occurrence]) -> None:
    """Leave an event and its deliveries in the caller's transaction; they start when it commits.

    One query for the webhooks, one for the events and one for the deliveries, however many; what
    nobody listens to leaves nothing.
    """
    if not occurrences:
        return
    listening = _listening({each.organization_id for each in occurrences})
    events, deliveries = [], []
    for each in occurrences:
        wanting = [hook for hook in listening[each.organization_id] if _wants(hook, each.type)]
        targets = [(hook.id, hook.url) for hook in wanting]
        if each.url:
            targets.append((None, each.url))
        if targets:
            event = new_event(each)
            events.append(event)
            deliveries += [new_delivery(event, url=url, webhook_id=pk) for pk, url in targets]
    Event.objects.bulk_create(events)
    start(deliveries)


def new_event(occurrence: Occurrence) -> Event:
    """The row, not saved. Its body is ASCII: nothing on the way can recode it."""
    now, identity = timezone.now(), new_id("evt")
    body = {
        "id": identity,
        "type": occurrence.type,
        "created_at": timestamp(now),
        "data": dict(occurrence.data),
    }
    return Event(
        id=identity,
        organization_id=occurrence.organization_id,
        type=occurrence.type,
        body=json.dumps(body, separators=(",", ":"), allow_nan=False),
        created_at=now,
    )


def new_delivery(event: Event, *, url: str, webhook_id: str | None) -> Delivery:
    """The row, not saved, due now."""
    return Delivery(
        event=event,
        webhook_id=webhook_id,
        url=url,
        lane=lane_of(event.organization_id, url),
        due_at=timezone.now(),
    )


def start(deliveries: Iterable[Delivery]) -> None:
    """Save new deliveries, and have them attempted once the transaction commits."""
    saved = Delivery.objects.bulk_create(deliveries)
    enqueue.wake_on_commit({each.lane for each in saved})


def _listening(organization_ids: set[str]) -> dict[str, list[Webhook]]:
    hooks = Webhook.objects.filter(organization__in=organization_ids, active=True)
    found: dict[str, list[Webhook]] = defaultdict(list)
    for hook in hooks.only("organization_id", "url", "events"):
        found[hook.organization_id].append(hook)
    return found


def _wants(hook: Webhook, type: str) -> bool:
    return type in hook.events or ALL_EVENTS in hook.events
