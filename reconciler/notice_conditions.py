"""Gateways that are away, for notices (`messaging/notices`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from messaging.notices.decisions import Condition, Kind, Touched
from reconciler.models import Gateway, GatewayState

TOUCHED = 200  # organisations that are named


def gateways_away(now: datetime) -> Iterable[Condition]:
    """One each that no look has found up for NOTICE_GATEWAY_AWAY seconds."""
    before = now - timedelta(seconds=settings.NOTICE_GATEWAY_AWAY)
    rows = Gateway.objects.filter(
        enabled=True, state=GatewayState.DOWN, away_since__lte=before
    ).defer("jcli_password", "amqp_url")
    for gateway in rows:
        placements = gateway.placements.select_related("organization")[:TOUCHED]
        yield Condition(
            key=f"gateway:{gateway.pk}",
            kind=Kind.GATEWAY,
            what=f"Gateway {gateway.name} is away",
            why=gateway.without_addresses(gateway.state_reason) or "nothing answers there",
            advice="Start it again; if it does not come back, press Evacuate.",
            path="/admin/console/fleet/",
            since=gateway.away_since,
            touches=tuple(
                Touched(each.organization_id, each.organization.name) for each in placements
            ),
        )
