"""Telling that something happened: what every other part of the product calls."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from messaging import bulk
from messaging.webhooks import enqueue
from messaging.webhooks.host_queues import lane_of
from messaging.webhooks.models import ALL_EVENTS, Delivery, Event, Webhook
from orbit.api.envelope import timestamp
from orbit.ids import new_id

Target = tuple[str | None, str]  # a webhook, or none where a message named the address; and that

_EVENT = ("id", "organization_id", "type", "body")
_DELIVERY = ("event_id", "webhook_id", "url", "lane")


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
    now = timezone.now()
    created_at = timestamp(now)
    events, deliveries = [], []
    for each in occurrences:
        targets = listening(each.organization_id, each.type)
        if each.url:
            targets = [*targets, (None, each.url)]
        if targets:
            identity = new_id("evt")
            body = _body(identity, each, created_at)
            events.append((identity, each.organization_id, each.type, body))
            for webhook_id, url in targets:
                lane = lane_of(each.organization_id, url)
                deliveries.append((identity, webhook_id, url, lane))
    bulk.insert(Event, _EVENT, events, same={"created_at": now})
    bulk.insert(Delivery, _DELIVERY, deliveries, same={"due_at": now})
    enqueue.wake_on_commit({lane for *_, lane in deliveries})


def new_event(occurrence: Occurrence) -> Event:
    """The row, not saved."""
    now, identity = timezone.now(), new_id("evt")
    return Event(
        id=identity,
        organization_id=occurrence.organization_id,
        type=occurrence.type,
        body=_body(identity, occurrence, timestamp(now)),
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


def _body(identity: str, occurrence: Occurrence, created_at: str) -> str:
    """ASCII: nothing on the way can recode it."""
    body = {
        "id": identity,
        "type": occurrence.type,
        "created_at": created_at,
        "data": dict(occurrence.data),
    }
    return json.dumps(body, separators=(",", ":"), allow_nan=False)


def _listening(organization_ids: set[str]) -> Callable[[str, str], Sequence[Target]]:
    """The webhooks that want an event of this organisation and type."""
    rows = Webhook.objects.filter(organization__in=organization_ids, active=True)
    hooks = list(rows.values_list("organization_id", "pk", "url", "events"))

    @functools.cache
    def wanting(organization_id: str, type: str) -> list[Target]:
        return [
            (pk, url)
            for owner, pk, url, events in hooks
            if owner == organization_id and (type in events or ALL_EVENTS in events)
        ]

    return wanting
