"""Gateways that are away, and logs that nobody reads, for notices (`messaging/notices`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from messaging.notices.decisions import Condition, Kind, Touched
from reconciler.models import Gateway, GatewayLog, GatewayState
from reconciler.receiver import log_offsets

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


def logs_behind(now: datetime) -> Iterable[Condition]:
    """One each gateway that is there and whose log nobody has read to its end for
    NOTICE_GATEWAY_AWAY seconds: what became of messages is not known."""
    away = timedelta(seconds=settings.NOTICE_GATEWAY_AWAY)
    rows = GatewayLog.objects.select_related("gateway").filter(
        gateway__enabled=True, gateway__state=GatewayState.UP, read_at__isnull=False
    )
    for row in rows.defer("gateway__jcli_password", "gateway__amqp_url"):
        lag = log_offsets.behind(row, now)
        if lag < away:
            continue
        yield Condition(
            key=f"log:{row.gateway_id}",
            kind=Kind.LOG,
            what=f"Nobody reads the log of gateway {row.gateway.name}",
            why=row.gateway.without_addresses(row.error) or "its records wait unread",
            advice="See whether `manage.py receive` runs, and what it logs.",
            path=f"/admin/reconciler/gateway/{row.gateway_id}/change/",
            since=now - lag,
        )
