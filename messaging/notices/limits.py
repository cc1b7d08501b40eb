"""How many incidents open: those of organisations crowd out none of the installation's. Pure.

An organisation causes conditions at will, with hosts that refuse binds or with webhooks that fail,
and can end them and begin again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import timedelta

from messaging.notices.decisions import CALM, Condition, Kind

MEMORY = timedelta(hours=6)  # for so long an incident counts after its end
OF_ONE = 20  # incidents that touch one organisation alone, within MEMORY
_OF_THE_INSTALLATION = frozenset({Kind.GATEWAY, Kind.LOG, Kind.QUEUE, Kind.DISK, Kind.DATABASE})
_DOUBLED = 6  # times at most


def owner(organization_ids: Collection[str]) -> str:
    """The one organisation that an incident touches; "" if it touches none or several."""
    (*others, one) = organization_ids or [""]
    return "" if others else one


def admitted(
    conditions: Iterable[Condition], open_keys: Collection[str], owned: Counter[str], most: int
) -> list[Condition]:
    """Conditions that are incidents, without those above a limit.

    `owned`: incidents by owner, open or within MEMORY. `most`: of all that are not the
    installation's.
    """
    conditions, owned = list(conditions), Counter(owned)
    theirs = [each for each in conditions if each.kind not in _OF_THE_INSTALLATION]
    left = most - sum(each.key in open_keys for each in theirs)
    found = []
    for each in conditions:
        if each.key in open_keys or each.kind in _OF_THE_INSTALLATION:
            found.append(each)
            continue
        whose = owner(each.organization_ids)
        if left <= 0 or (whose and owned[whose] >= OF_ONE):
            continue
        left -= 1
        owned[whose] += 1
        found.append(each)
    return found


def calm(closed: int) -> timedelta:
    """How long the condition has to be away, if its cause had `closed` incidents within MEMORY: one
    that comes and goes becomes one long incident."""
    return CALM * 2 ** min(closed, _DOUBLED)
