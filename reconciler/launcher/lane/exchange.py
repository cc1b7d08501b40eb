"""Which binds are missing, and which may end.

`wanted`: the types of all binds that there are to be. `current`: binds with the settings of now,
`old`: with those before, which carry the traffic until others are bound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reconciler.launcher.lane.carrier_session import CarrierSession
from reconciler.launcher.lane.carrier_settings import BindType, Host


def missing(wanted: Sequence[BindType], current: Sequence[CarrierSession]) -> list[BindType]:
    """The types of those that are to be added, in their order."""
    there = Counter(each.bind_type for each in current)
    found = []
    for bind_type in wanted:
        if there[bind_type]:
            there[bind_type] -= 1
        else:
            found.append(bind_type)
    return found


def surplus(
    wanted: Sequence[BindType], current: Sequence[CarrierSession], home: Host
) -> list[CarrierSession]:
    """Those of which there are too many: first what is not bound, or at a backup; the newest first
    of equal ones."""
    newest_first = list(reversed(current))
    least_first = sorted(newest_first, key=lambda each: (each.is_bound, each.host == home))
    found = []
    for bind_type in {each.bind_type for each in current}:
        there = [each for each in least_first if each.bind_type == bind_type]
        found += there[: max(0, len(there) - wanted.count(bind_type))]
    return found


def replaced(
    wanted: Sequence[BindType], current: Sequence[CarrierSession], old: Sequence[CarrierSession]
) -> list[CarrierSession]:
    """As many old ones as current ones are bound; those of a type that is not wanted any more once
    all current ones are."""
    up = Counter(each.bind_type for each in current if each.is_bound)
    if up.total() >= len(wanted):
        return list(old)
    found = []
    for bind_type in {each.bind_type for each in old} & set(wanted):
        there = [each for each in old if each.bind_type == bind_type]
        found += there[: max(0, len(there) + up[bind_type] - wanted.count(bind_type))]
    return found


def least_needed(wanted: Sequence[BindType], old: Sequence[CarrierSession]) -> CarrierSession:
    """The one that ends first where the carrier takes no further bind."""
    return min(old, key=lambda each: (each.bind_type in wanted, each.bind_type != "receiver"))
