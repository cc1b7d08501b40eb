"""Moves organisations of a gateway to others: which, where to, and the passes that carry it out."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from messaging.credentials.models import Credential
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from reconciler import diagnosis_rounds, gateway_loads, placements, runs
from reconciler.models import Gateway, Placement
from reconciler.result import Result

MOVED = "organization.moved"
NO_ROOM = "no other gateway is up and has room for it"
ONE_BIND = "a carrier of it allows no second bind"
PASS_WAIT = 60.0  # seconds for a pass that is running
PAUSE = 0.3  # seconds between two looks at moves that are under way


@dataclass(frozen=True)
class Move:
    organization: Organization
    source: Gateway
    target: Gateway
    is_under_way: bool = False  # to another gateway, which can't take it any more

    def is_due(self) -> bool:
        """Lock the organisation's place, and say whether it is as it was when this was planned:
        beat and other people move organisations too."""
        rows = Placement.objects.select_for_update().filter(pk=self.organization.pk)
        if self.is_under_way:
            return rows.filter(leaving=self.source).exists()
        return rows.filter(gateway=self.source, leaving=None).exists()


@dataclass
class Plan:
    """`stays`: organisations that do not move, and why."""

    moves: list[Move] = field(default_factory=list)
    stays: list[tuple[Organization, str]] = field(default_factory=list)


def plan(source: Gateway, *, gapless: bool) -> Plan:
    """Choose a target for each organisation of the gateway that is not on its way already.
    `gapless`: leave out those that would have no bind in between."""
    found, loads = Plan(), gateway_loads.read()
    rows = list(_to_be_moved(source))
    weights = gateway_loads.weights(row.pk for row in rows)
    single = with_one_bind(row.pk for row in rows) if gapless else set()
    for row in rows:
        weight = weights[row.pk]
        load = gateway_loads.room_for(weight, loads, region=row.region, but=source.pk)
        if row.pk in single:
            found.stays.append((row.organization, ONE_BIND))
        elif load is None:
            found.stays.append((row.organization, NO_ROOM))
        else:
            load.add(weight)
            is_under_way = row.leaving_id is not None
            found.moves.append(Move(row.organization, source, load.gateway, is_under_way))
    return found


def _to_be_moved(source: Gateway) -> Iterable[Placement]:
    """Organisations that are on this gateway, and those on their way to one that can't take them
    now."""
    rows = Placement.objects.select_related("organization", "gateway").order_by("organization")
    yield from rows.filter(gateway=source, leaving=None)
    for row in rows.filter(leaving=source):
        if placements.unfit(row.gateway):
            yield row


def with_one_bind(organization_ids: Iterable[str]) -> set[str]:
    """Organisations with a carrier that does not allow binds from two gateways at once."""
    rows = Credential.objects.live().filter(
        ~Q(max_binds=None), organization__in=list(organization_ids), enabled=True
    )
    return {row.organization_id for row in rows if not placements.may_bind_twice(row)}


def begin(moves: Sequence[Move], *, by: Actor, why: str) -> None:
    """Start these moves, except where the target has become unfit or the organisation has moved
    since the plan was made."""
    for each in moves:
        try:
            with transaction.atomic():
                if not each.is_due():
                    continue
                placements.move(each.organization, each.target)
                audit.record(
                    by=by,
                    organization=each.organization,
                    action=MOVED,
                    target=each.organization.pk,
                    detail=f"from {each.source} to {each.target} ({why})",
                )
        except placements.Unfit:
            continue


def carry_out(sources: Iterable[Gateway]) -> bool:
    """Run passes until all organisations that leave these gateways have arrived, then take them off
    the old ones; return whether they have arrived in time.

    Where a carrier allows one bind, the new bind comes up after that.
    """
    chosen = [each.pk for each in sources]
    going = Placement.objects.filter(leaving__in=chosen).values_list("organization_id", flat=True)
    single = with_one_bind(going)
    deadline = time.monotonic() + settings.GATEWAY_MOVE_PATIENCE + PASS_WAIT
    touched: dict[str, Gateway] = {}
    while under_way := targets(chosen):
        touched |= under_way
        for each in under_way.values():
            pass_over(each)
        if targets(chosen):
            if time.monotonic() > deadline:
                return False
            time.sleep(PAUSE)
    for each in Gateway.objects.filter(pk__in=chosen):
        pass_over(each)
    for each in touched.values() if single else ():
        pass_over(each)
    return True


def targets(sources: Sequence[str]) -> dict[str, Gateway]:
    """The gateways to which something is on its way from these (ids)."""
    rows = Gateway.objects.filter(placements__leaving__in=sources, enabled=True)
    return {each.pk: each for each in rows.distinct()}


def pass_over(gateway: Gateway) -> Result:
    """A whole pass, for a person who waits."""
    queue = diagnosis_rounds.queue
    return runs.run(gateway, trigger="command", wait=PASS_WAIT, diagnose=queue)


def in_portions(moves: Sequence[Move]) -> Iterable[Sequence[Move]]:
    """As many as move at once: binds come up and organisations arrive in between."""
    size = settings.GATEWAY_MOVES_AT_ONCE
    return (moves[start : start + size] for start in range(0, len(moves), size))
