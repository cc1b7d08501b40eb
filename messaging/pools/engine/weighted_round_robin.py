"""Smooth weighted round robin, computed as one whole cycle of turns. Pure.

Each turn adds its weight to every member's credit; the member with the highest credit has the turn
and pays the sum of the weights. Credits start at zero and are zero again after as many turns as the
sum of the weights: a member that has a turn has a credit above zero, so no credit falls to minus
the sum; after a cycle credits are multiples of the sum and add up to zero, so each is zero, and
each member has had exactly its weight in turns. So the member depends on the number of the turn
alone, and the state is one counter.

Members of equal weight take turns among themselves, so a turn costs the number of different
weights (at most 100), not of members.
"""

from __future__ import annotations

import functools
import math
from array import array
from collections.abc import Sequence

WeightedIds = Sequence[tuple[str, int]]
"""`(member id, weight)` in the order of the group."""


@functools.lru_cache(maxsize=256)
def cycle(weights: tuple[int, ...]) -> Sequence[int]:
    """Indexes of `weights`, turn by turn, for one whole cycle; equal weights keep their order."""
    divisor = math.gcd(*weights)
    places: dict[int, list[int]] = {}
    for place, weight in enumerate(weights):
        places.setdefault(weight // divisor, []).append(place)
    steps, lines = list(places), list(places.values())
    length = sum(weights) // divisor
    credits, taken = [0] * len(lines), [0] * len(lines)
    turns = array("H")
    for _ in range(length):
        credits = [credit + step for credit, step in zip(credits, steps, strict=True)]
        best = credits.index(max(credits))
        line = lines[best]
        turns.append(line[taken[best] % len(line)])
        taken[best] += 1
        if taken[best] % len(line) == 0:  # the last of its line has paid, too
            credits[best] -= length
    return turns


def follow(before: WeightedIds, turn: int, after: WeightedIds) -> int:
    """The turn at which the group `after` goes on when it replaces `before` at turn `turn`.

    The member that was next stays next, with its share of the cycle served so far, so that members
    do not start anew when others come, go or change their weight. 0 if no member stayed.
    """
    old, new = _turns(before), _turns(after)
    staying = {id_ for id_, _ in before} & {id_ for id_, _ in after}
    if not staying:
        return 0
    at = turn % len(old)
    while old[at % len(old)] not in staying:
        at += 1
    at %= len(old)
    member = old[at]
    occurrences = [place for place, id_ in enumerate(new) if id_ == member]
    served = old[:at].count(member) * len(occurrences) // old.count(member)
    return occurrences[served]


def _turns(order: WeightedIds) -> list[str]:
    return [order[place][0] for place in cycle(tuple(weight for _, weight in order))]
