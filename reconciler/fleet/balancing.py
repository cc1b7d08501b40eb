"""Which organisations to move so that gateways have equal loads (`GATEWAY_PLACEMENT`)."""

from __future__ import annotations

from dataclasses import dataclass

from orbit.accounts.actors import Actor
from reconciler import gateway_loads
from reconciler.fleet import relocation
from reconciler.fleet.relocation import Move
from reconciler.gateway_loads import Load, Weight, measured
from reconciler.models import Placement

CLOSE = 0.1  # of the mean load: a difference that is worth no move


@dataclass(frozen=True)
class Balance:
    """`before` and `after`: the load of each gateway by name, as it is measured."""

    moves: list[Move]
    before: dict[str, int]
    after: dict[str, int]


def plan() -> Balance:
    """Plan moves: first to the regions that organisations want, then from the fullest gateway to
    the emptiest, the moves that bring their loads closest first.

    Only organisations whose carriers allow a second bind move, and only within their region.
    """
    loads = [each for each in gateway_loads.read() if each.is_fit]
    before = _by_name(loads)
    here = _candidates(loads)
    moves = _to_their_regions(loads, here)
    stuck: set[str] = set()  # gateways that have nothing to give
    while len(loads) > 1:
        givers = [each for each in loads if each.gateway.pk not in stuck]
        if not givers:
            break
        fullest = max(givers, key=lambda each: (measured(each), each.gateway.name))
        found = _next(fullest, loads, here[fullest.gateway.pk])
        if found is None:
            stuck.add(fullest.gateway.pk)
            continue
        row, weight, target = found
        moves.append(Move(row.organization, fullest.gateway, target.gateway))
        here[fullest.gateway.pk].remove((row, weight))
        fullest.remove(weight)
        target.add(weight)
    return Balance(moves, before, _by_name(loads))


def apply(balance: Balance, *, by: Actor) -> bool:
    """Make the moves, portion by portion, and wait for each; return whether all have arrived."""
    well = True
    for moves in relocation.in_portions(balance.moves):
        relocation.begin(moves, by=by, why="balance")
        sources = {each.source.pk: each.source for each in moves}
        well = relocation.carry_out(sources.values()) and well
    return well


def _candidates(loads: list[Load]) -> dict[str, list[tuple[Placement, Weight]]]:
    """The organisations of each gateway that may move."""
    rows = list(
        Placement.objects.filter(gateway__in=[each.gateway for each in loads], leaving=None)
        .select_related("organization")
        .order_by("organization")
    )
    weights = gateway_loads.weights(row.pk for row in rows)
    single = relocation.with_one_bind(row.pk for row in rows)
    found: dict[str, list[tuple[Placement, Weight]]] = {each.gateway.pk: [] for each in loads}
    for row in rows:
        if row.pk not in single:
            found[row.gateway_id].append((row, weights[row.pk]))
    return found


def _to_their_regions(
    loads: list[Load], here: dict[str, list[tuple[Placement, Weight]]]
) -> list[Move]:
    moves = []
    for load in loads:
        for row, weight in list(here[load.gateway.pk]):
            if not row.region or row.region == load.gateway.region:
                continue
            target = gateway_loads.room_for(weight, loads, region=row.region, but=load.gateway.pk)
            if target is not None:
                moves.append(Move(row.organization, load.gateway, target.gateway))
                here[load.gateway.pk].remove((row, weight))
                load.remove(weight)
                target.add(weight)
    return moves


def _next(
    fullest: Load, loads: list[Load], rows: list[tuple[Placement, Weight]]
) -> tuple[Placement, Weight, Load] | None:
    """Return the organisation whose move brings the fullest gateway closest to its target.

    Of organisations with the same load and region only one is looked at.
    """
    mean = sum(map(measured, loads)) / len(loads)
    best, least = None, 0.0
    alike = {(row.region, weight): row for row, weight in rows}
    for (region, weight), row in alike.items():
        target = gateway_loads.room_for(weight, loads, region=region, but=fullest.gateway.pk)
        gap = measured(fullest) - measured(target) if target else 0
        is_far = gap > max(CLOSE * mean, 1)
        if target is None or not is_far or not 0 < measured(weight) < gap:
            continue
        off = abs(gap / 2 - measured(weight))
        if best is None or off < least:
            best, least = (row, weight, target), off
    return best


def _by_name(loads: list[Load]) -> dict[str, int]:
    return {each.gateway.name: measured(each) for each in loads}
