"""Webhook events: every other noun calls `emit` to announce one.

An event is stored with a delivery for each address that wants it, in the caller's transaction; the
deliveries start when it commits.
"""

from __future__ import annotations

import functools
import json
from collections import defaultdict
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

Target = tuple[str | None, str]  # a webhook's id (None: a message named the address), and the URL

_EVENT = ("id", "organization_id", "type", "body")
_DELIVERY = ("event_id", "webhook_id", "url", "lane")


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """An event that is not stored yet. `data` is JSON; `url`: an address that gets it beside the
    organisation's webhooks, or with `only_there` in place of them (one that `endpoints.parse`
    takes), "" for none."""

    organization_id: str
    type: str
    data: Mapping[str, Any]
    url: str = ""
    only_there: bool = False


def emit(new_event: NewEvent) -> None:
    """`emit_many` of one."""
    emit_many([new_event])


def emit_many(new_events: Sequence[NewEvent]) -> None:
    """Store events with their deliveries: one query each for webhooks, events and deliveries,
    however many there are. An event that no address wants is not stored."""
    if not new_events:
        return
    subscribed = _subscriptions({each.organization_id for each in new_events})
    now = timezone.now()
    created_at = timestamp(now)
    events, deliveries = [], []
    for each in new_events:
        only_there = each.only_there and each.url
        targets = [] if only_there else subscribed(each.organization_id, each.type)
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


def event_row(new: NewEvent) -> Event:
    """The row of an event, not saved."""
    now, identity = timezone.now(), new_id("evt")
    return Event(
        id=identity,
        organization_id=new.organization_id,
        type=new.type,
        body=_body(identity, new, timestamp(now)),
        created_at=now,
    )


def delivery_row(event: Event, *, url: str, webhook_id: str | None) -> Delivery:
    """The row of a delivery, not saved, due now."""
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


def _body(identity: str, new: NewEvent, created_at: str) -> str:
    """The JSON that is posted: ASCII, so that nothing on the way can recode it."""
    body = {
        "id": identity,
        "type": new.type,
        "created_at": created_at,
        "data": dict(new.data),
    }
    return json.dumps(body, separators=(",", ":"), allow_nan=False)


def _subscriptions(organization_ids: set[str]) -> Callable[[str, str], Sequence[Target]]:
    """A function that returns the webhooks for an event of this organisation and type."""
    rows = Webhook.objects.filter(organization__in=organization_ids, active=True)
    hooks: dict[str, list[tuple[str, str, list[str]]]] = defaultdict(list)
    for owner, *hook in rows.values_list("organization_id", "pk", "url", "events"):
        hooks[owner].append(tuple(hook))

    @functools.cache
    def wanting(organization_id: str, type: str) -> list[Target]:
        return [
            (pk, url)
            for pk, url, events in hooks.get(organization_id, ())
            if type in events or ALL_EVENTS in events
        ]

    return wanting
