"""Webhook events of carriers: degraded, restored."""

from __future__ import annotations

from messaging.carriers.demotions import Level
from messaging.carriers.models import Carrier
from messaging.quality.decisions import Changed
from messaging.webhooks.events import NewEvent
from messaging.webhooks.models import EventType
from orbit.api.envelope import timestamp


def event_of(carrier: Carrier, country: str, move: Changed) -> NewEvent:
    """The event for a change of level. `quality_mode` in its data says whether routing follows."""
    is_back = move.after is Level.HEALTHY
    evidence = move.evidence
    return NewEvent(
        organization_id=carrier.organization_id,
        type=(EventType.CARRIER_RESTORED if is_back else EventType.CARRIER_DEGRADED).value,
        data={
            "carrier_id": carrier.pk,
            "name": carrier.name,
            "country": country,
            "level": move.after.value,
            "before": move.before.value,
            "quality_mode": carrier.quality_mode,
            "delivery_rate": round(evidence.rate, 1),
            "sample": evidence.sample,
            "from": timestamp(evidence.start),
            "to": timestamp(evidence.end),
            "at": timestamp(move.at),
        },
    )
