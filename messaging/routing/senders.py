"""The senders of pools for many messages at once: their turns are taken, or looked at.

Both ask `engine.choice` of the same state, so while nobody else chooses or writes, what is taken is
what was previewed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from messaging.pools import sticky
from messaging.pools.counters import Use, turns
from messaging.pools.engine.choice import Choice, Pool, after, choose, holds, is_kept, taken
from messaging.pools.engine.geo_match import Standing
from messaging.pools.engine.values import State
from messaging.pools.sticky import Mapping, Place

Wish = tuple[Pool, str]
"""A pool, and the destination (E.164 with `+`) that it is to send to."""


@dataclass
class _Drawn:
    """What one message gets. `first`: the message before it to the same place of a sticky pool,
    whose sender it has; `use`: number of its use in the list of uses."""

    standing: Standing
    choice: Choice
    first: _Drawn | None = None
    use: int | None = None


def take(wishes: Sequence[Wish]) -> list[Choice]:
    """The sender of each, as if they were chosen one by one in this order.

    A turn is taken for each, and sticky pools remember it for the destination: one query, one round
    trip to Redis, one upsert for all of them. A turn stays taken though the caller's transaction
    rolls back; the sticky mapping does not stay.
    """
    kept = sticky.kept(wishes)
    drawn, uses = _draw(wishes, kept)
    found = turns().take(uses)
    for each in drawn:
        if each.use is not None and each.first is None and each.choice.step is None:
            turn = found[each.use]
            each.choice = taken(each.standing, turn.member, turn.number)
    return _remember(wishes, drawn, kept)


def _draw(wishes: Sequence[Wish], kept: dict[Place, str]) -> tuple[list[_Drawn], list[Use]]:
    """Whom each gets by its mapping; for the others, which turns have to be taken."""
    drawn, uses, firsts = [], [], {}
    for pool, to in wishes:
        standing, place = pool.at(to), (pool.id, to)
        one = _Drawn(standing, Choice(standing))
        use = None
        if pool.sticky and place in firsts:
            one.first = firsts[place]
            if one.first.use is not None and standing.group.goes_by_use:
                use = Use(pool.id, again=one.first.use)
        elif is_kept(pool, standing, kept.get(place)):
            one.choice = holds(standing, kept[place])
            if standing.group.goes_by_use:
                use = Use(pool.id, member=one.choice.member)
        elif standing.group.members:
            use = Use(pool.id, standing.lane, standing.group)
        if use:
            one.use = len(uses)
            uses.append(use)
        if pool.sticky:
            firsts.setdefault(place, one)
        drawn.append(one)
    return drawn, uses


def _remember(
    wishes: Sequence[Wish], drawn: Sequence[_Drawn], kept: dict[Place, str]
) -> list[Choice]:
    """Have sticky pools keep what was drawn; of two workers at once the second gets the first
    one's senders."""
    new = [
        Mapping(pool, to, one.choice.member.id, kept.get((pool.id, to)))
        for (pool, to), one in zip(wishes, drawn, strict=True)
        if pool.sticky and one.choice.member
    ]
    holders = sticky.keep(new)
    for (pool, to), one in zip(wishes, drawn, strict=True):
        holder = holders.get((pool.id, to)) if pool.sticky else None
        if one.first is not None:
            if member := one.first.choice.member:
                one.choice = holds(one.standing, member.id)
        elif holder and holder != one.choice.member.id and is_kept(pool, one.standing, holder):
            one.choice = holds(one.standing, holder)
    return [one.choice for one in drawn]


def look(pool: Pool, destination: str, *, count: int = 1) -> list[Choice]:
    """What `take` would give now to `count` messages to this destination. Changes nothing."""
    state = _state(pool, destination)
    choices = [choose(pool, destination, state)]
    while len(choices) < count:
        state = after(pool, choices[-1], state)
        choices.append(choose(pool, destination, state))
    return choices


def _state(pool: Pool, destination: str) -> State:
    """The mapping if it decides, else the next turn."""
    kept = sticky.kept([(pool, destination)]).get((pool.id, destination))
    standing = pool.at(destination)
    if is_kept(pool, standing, kept) or not standing.group.members:
        return State(kept=kept)
    return turns().look(pool.id, standing.lane, standing.group)
