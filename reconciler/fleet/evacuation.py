"""Evacuation: other gateways take the organisations of one that is lost.

Nothing is asked of the lost one. What it has accepted stays its own: no other gateway gets such a
message before the log of the lost one has said that it was not sent. It may be cut off from us
alone, and go on sending. When it is back it is drained: the first pass takes off what has moved,
and it gets nothing until people trust it (`trust`).
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from orbit.accounts.actors import SYSTEM, Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from reconciler import gateway_loads, lock
from reconciler.fleet import modes
from reconciler.fleet.relocation import MOVED, NO_ROOM, Move, Plan, in_portions, plan
from reconciler.models import Gateway, GatewayMode, GatewayState, Placement
from reconciler.status import gateway_status

logger = logging.getLogger(__name__)


class StillThere(Exception):
    """The gateway answers: it is to be drained, not evacuated."""


@dataclass
class Evacuation:
    """`moved`: how many organisations each gateway has got, by the gateway's name. `stays`:
    organisations for which no gateway has room."""

    targets: list[Gateway] = field(default_factory=list)
    moved: Counter[str] = field(default_factory=Counter)
    stays: list[tuple[Organization, str]] = field(default_factory=list)

    def __str__(self) -> str:
        to = ", ".join(f"{count} to {name}" for name, count in sorted(self.moved.items()))
        stays = f"; {len(self.stays)} stay: {NO_ROOM}" if self.stays else ""
        return f"{self.moved.total()} organisation(s) taken over ({to or 'none'}){stays}"


def evacuate(gateway: Gateway, *, by: Actor, why: str, force: bool = False) -> Evacuation:
    """Give all organisations of the gateway to others, at once. The caller runs passes over
    `targets`. Raises what `declare_lost` raises."""
    declare_lost(gateway, by=by, why=why, force=force)
    return take_over(gateway, by=by)


def declare_lost(gateway: Gateway, *, by: Actor, why: str, force: bool = False) -> None:
    """Let other gateways take over. Raises StillThere for a gateway that is up, unless forced."""
    if gateway.state != GatewayState.DOWN and not force:
        raise StillThere(f"{gateway} is {gateway.state}: drain it, or force it")
    if gateway.mode != GatewayMode.LOST:
        modes.set_mode(gateway, GatewayMode.LOST, by=by, reason=why, closed=True)


def take_over(gateway: Gateway, *, by: Actor) -> Evacuation:
    """Give the organisations of a lost gateway to others that have room; after a kill the next call
    goes on. It does nothing where people trust the gateway again."""
    found = Evacuation()
    if not Gateway.objects.filter(pk=gateway.pk, mode=GatewayMode.LOST).exists():
        return found
    _end_moves(gateway)
    planned: Plan = plan(gateway, gapless=False)
    found.stays = planned.stays
    for moves in in_portions(planned.moves):
        _take_over(moves, by=by)
        found.moved.update(each.target.name for each in moves)
    found.targets = list({each.target.pk: each.target for each in planned.moves}.values())
    if found.moved:
        logger.warning("gateway %s is lost: %s", gateway, found)
    return found


def is_lost(gateway: Gateway) -> bool:
    """Whether no probe has found it up for `GATEWAY_LOST_AFTER` seconds, while another gateway is
    up.

    Only probes without a gap between them count, by the database's clock: a worker's may be wrong.
    Where no other gateway is up, it is the site that is cut off.
    """
    if not settings.GATEWAY_LOST_AFTER:
        return False
    over = Gateway.objects.filter(
        pk=gateway.pk,
        state=GatewayState.DOWN,
        mode__in=(GatewayMode.ACTIVE, GatewayMode.DRAINING),
        away_since__lte=Now() - timedelta(seconds=settings.GATEWAY_LOST_AFTER),
    )
    # The restart of an upgrade may take longer than that.
    over = over.exclude(mode_reason=modes.UPGRADE, mode_since__gt=Now() - modes.longest_restart())
    return over.exists() and any(
        each.is_fit and each.gateway.pk != gateway.pk for each in gateway_loads.read()
    )


def evacuate_if_lost(gateway: Gateway) -> Evacuation | None:
    """Evacuate the gateway without a person, if it is lost."""
    with lock.held(f"evacuate-{gateway.pk}") as ours:
        if not ours or not is_lost(gateway):
            return None
        modes.reload(gateway)
        why = f"not up for {settings.GATEWAY_LOST_AFTER} s: {gateway.state_reason}"
        return evacuate(gateway, by=SYSTEM, why=why)


def trust(gateway: Gateway, *, by: Actor) -> None:
    """Let a lost gateway take organisations again, once its process knows (`door.keep`). Raises
    modes.WrongMode for one that is not lost, or down."""
    if gateway.state == GatewayState.DOWN:
        raise modes.WrongMode(f"{gateway} is down: {gateway.state_reason}")
    modes.set_mode(gateway, GatewayMode.ACTIVE, by=by, only=GatewayMode.LOST)


def _end_moves(gateway: Gateway) -> None:
    """Organisations that were leaving it are served by their new gateway; those that were coming
    stay where they are."""
    gateway.departures.update(leaving=None, moving_since=None)
    coming = gateway.placements.exclude(leaving=None)
    coming.update(gateway=F("leaving"), leaving=None, moving_since=None)


def _take_over(moves: Sequence[Move], *, by: Actor) -> None:
    targets = {each.organization.pk: each.target for each in moves}
    source = moves[0].source
    with transaction.atomic():
        rows = Placement.objects.select_for_update(of=("self",)).filter(
            pk__in=targets, gateway=source, gateway__mode=GatewayMode.LOST
        )
        still = list(rows.order_by("pk").values_list("pk", flat=True))
        for target in {each.target.pk: each.target for each in moves}.values():
            mine = [pk for pk in still if targets[pk] == target]
            Placement.objects.filter(pk__in=mine).update(
                gateway=target, leaving=None, moving_since=None
            )
        details = {pk: f"from {source} to {targets[pk]} (lost)" for pk in still}
        audit.record_each(by=by, action=MOVED, details=details)
        gateway_status.mark_unknown(still, "its gateway is lost, and another one takes over")
