"""The event `message.received`: to the keyword's address, else the number's, else the
organisation's webhooks. None for a text that goes to the organisation's own platform alone."""

from __future__ import annotations

from collections.abc import Sequence

from messaging.inbound.arrival import Arrival
from messaging.inbound.serializers import InboundMessageSerializer
from messaging.own_numbers.models import Route
from messaging.webhooks import events
from messaging.webhooks.events import NewEvent
from messaging.webhooks.models import EventType


def emit(arrivals: Sequence[Arrival]) -> None:
    """Announce texts, once each."""
    events.emit_many([_event(each) for each in arrivals if _is_told(each)])


def _is_told(arrival: Arrival) -> bool:
    return arrival.number is None or arrival.number.route != Route.ACCESS


def _event(arrival: Arrival) -> NewEvent:
    message, number, keyword = arrival.message, arrival.number, arrival.keyword or {}
    return NewEvent(
        organization_id=message.organization_id,
        type=EventType.MESSAGE_RECEIVED,
        data=InboundMessageSerializer.represent(message),
        url=keyword.get("webhook_url") or (number.webhook_url if number else None) or "",
        only_there=True,
    )
