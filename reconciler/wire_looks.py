"""Looks at the wires of gateways, kept in the cache from one round of notices to the next.

Counters of a gateway say nothing alone: what a carrier does shows in how they grow between two
looks. A connector is in trouble if two looks in a row say so: a burst is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache

from reconciler.gateway_client import wire_figures
from reconciler.gateway_client.wire_figures import Answers, Figures
from reconciler.jasmin.capabilities import LANE
from reconciler.models import Gateway, GatewayState

LOOKS = 3  # that are kept: two steps
LEAST = 5  # answers between two looks: fewer prove nothing
_SOON = timedelta(seconds=15)  # after a look nothing new is read
_LATE = timedelta(minutes=5)  # a look that old says nothing of now
_KEPT, _KEPT_SECONDS = "notices.wire.", 600


@dataclass(frozen=True)
class Look:
    at: datetime
    figures: Figures


@dataclass(frozen=True)
class Share:
    """Of the answers between the last two looks; percent."""

    percent: float
    answers: int


def look(now: datetime) -> tuple[list[tuple[Gateway, list[Look]]], str]:
    """The last looks of each gateway that is up and has a lane, in order; and why one of them
    can't be read now, "" if all can."""
    found, unread = [], ""
    for gateway in Gateway.objects.filter(enabled=True, state=GatewayState.UP):
        if LANE not in gateway.capabilities:
            continue
        kept = [each for each in cache.get(_KEPT + gateway.pk, []) if now - _LATE < each.at <= now]
        if not kept or now - kept[-1].at >= _SOON:
            try:
                kept = [*kept, Look(now, wire_figures.read(gateway))][-LOOKS:]
            except wire_figures.Unread as error:
                unread = unread or f"gateway {gateway.name}: {error}"
                continue
            cache.set(_KEPT + gateway.pk, kept, timeout=_KEPT_SECONDS)
        found.append((gateway, kept))
    return found, unread


def above(
    looks: Sequence[Look], percent: float, figure: Callable[[Answers], int]
) -> dict[str, Share]:
    """By connector, where this figure was that part of the answers, or more, in both steps between
    the last three looks. A counter that fell began anew: its gateway was started again."""
    if len(looks) < LOOKS:
        return {}
    first, second, third = (each.figures.answers for each in looks[-LOOKS:])
    found = {}
    for cid, now in third.items():
        shares = [
            _share(before, after, figure)
            for before, after in ((first.get(cid), second.get(cid)), (second.get(cid), now))
        ]
        if all(share is not None and share.percent >= percent for share in shares):
            found[cid] = shares[-1]
    return found


def _share(
    before: Answers | None, after: Answers | None, figure: Callable[[Answers], int]
) -> Share | None:
    if before is None or after is None:
        return None
    answers, grown = after.count - before.count, figure(after) - figure(before)
    if answers < LEAST or grown < 0:
        return None
    return Share(100 * grown / answers, answers)
