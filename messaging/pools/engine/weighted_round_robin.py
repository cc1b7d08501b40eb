"""Smooth weighted round robin, as a cycle that is known beforehand. Pure.

Each turn adds its weight to every member's credit; the highest credit has the turn and pays the sum
of the weights. Started at zero, every credit is zero again after that many turns: whoever has a
turn has a credit above zero, so none ever falls to minus the sum; after a cycle credits are
multiples of the sum and add up to zero, so each is zero, and each member has had exactly its weight
in turns. So whose turn it is depends on the number of the turn alone, and the state is a counter.

Members of equal weight take turns among themselves, so a turn costs the number of different
weights (at most 100), not of members.
"""

from __future__ import annotations

import functools
import math
from array import array
from collections.abc import Sequence

Order = Sequence[tuple[str, int]]
"""Ids and weights of those who take turns, in their order."""


@functools.lru_cache(maxsize=256)
def cycle(weights: tuple[int, ...]) -> Sequence[int]:
    """Places in `weights`, turn by turn, for one whole cycle; equal weights keep their order."""
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


def follow(before: Order, turn: int, after: Order) -> int:
    """The turn at which the cycle of `after` begins when it takes the place of `before`.

    Who was next there is next here, as often served as before, so that nobody starts anew because
    somebody else came, went or got another weight. 0 if no one has stayed.
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


def _turns(order: Order) -> list[str]:
    return [order[place][0] for place in cycle(tuple(weight for _, weight in order))]
