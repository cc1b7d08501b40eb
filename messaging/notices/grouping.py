"""One incident a cause: what only follows from another incident is none of its own. Pure.

A carrier that is down, throttles or is slow makes messages wait; a gateway that is away takes its
binds with it, and its log is read late once it is back. What is open already stays an incident.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from messaging.notices.decisions import Condition, Incident, Kind

_MAKE_WAIT = frozenset({Kind.BIND, Kind.GATEWAY, Kind.THROTTLED, Kind.SLOW})
_OF_A_GATEWAY = frozenset({Kind.BIND, Kind.THROTTLED, Kind.SLOW})


def causes(conditions: Iterable[Condition], incidents: Sequence[Incident]) -> list[Condition]:
    """Without those that follow from others. `incidents`: those that are open; one whose cause has
    just gone still explains what it left behind."""
    conditions = list(conditions)
    open_keys = {each.key for each in incidents}
    explaining: list[Condition | Incident] = [*conditions, *incidents]
    gateways = [each for each in explaining if each.kind is Kind.GATEWAY]
    found = []
    for each in conditions:
        if each.key in open_keys:
            found.append(each)
        elif each.kind is Kind.QUEUE:
            found += _unexplained(each, explaining)
        elif not _follows(each, gateways):
            found.append(each)
    return found


def _follows(condition: Condition, gateways: Iterable[Condition | Incident]) -> bool:
    if condition.kind is Kind.LOG:
        return condition.key.replace(Kind.LOG, Kind.GATEWAY, 1) in {each.key for each in gateways}
    whose = condition.organization_ids
    return condition.kind in _OF_A_GATEWAY and any(
        whose <= each.organization_ids for each in gateways
    )


def _unexplained(
    queue: Condition, explaining: Iterable[Condition | Incident]
) -> Iterable[Condition]:
    """The queue of organisations that nothing else touches, if there are any."""
    known: set[str] = set()
    for each in explaining:
        if each.kind in _MAKE_WAIT:
            known |= each.organization_ids
    touches = tuple(each for each in queue.touches if each.organization_id not in known)
    if touches or not queue.touches:
        yield replace(queue, touches=touches)
