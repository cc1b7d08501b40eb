"""Choose senders of pools for many messages at once: `take` their turns, or `look` at them.

Both go by the rules of `engine.choice`, `take` with the turns that Redis counts: without other
choices or writes between, it gives what `look` has shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from messaging.pools import sticky
from messaging.pools.counters import Use, turn_counters
from messaging.pools.engine.choice import (
    Choice,
    Pool,
    choice_of_turn,
    choose,
    is_kept,
    state_after,
    sticky_choice,
)
from messaging.pools.engine.geo_match import Shortlist
from messaging.pools.engine.values import State
from messaging.pools.sticky import StickyKey, StickyMapping

Wish = tuple[Pool, str]
"""A pool, and the destination (E.164 with `+`) of a message."""


@dataclass
class _Drawn:
    """The choice for one message. `first`: an earlier message of the batch to the same destination
    of a sticky pool, with the same sender. `use`: index of its use in the list of uses."""

    shortlist: Shortlist
    choice: Choice
    first: _Drawn | None = None
    use: int | None = None


def take(wishes: Sequence[Wish]) -> list[Choice]:
    """The sender of each, as if chosen one by one in this order.

    Takes a turn for each, and stores the senders of sticky pools: one query, one round trip to
    Redis and one upsert in all. If the caller's transaction rolls back, turns stay taken and sticky
    mappings do not.
    """
    kept = sticky.stored_members(wishes)
    drawn, uses = _draw(wishes, kept)
    found = turn_counters().take(uses)
    for each in drawn:
        if each.use is not None and each.first is None and each.choice.step is None:
            turn = found[each.use]
            each.choice = choice_of_turn(each.shortlist, turn.member, turn.number)
    return _remember(wishes, drawn, kept)


def _draw(wishes: Sequence[Wish], kept: dict[StickyKey, str]) -> tuple[list[_Drawn], list[Use]]:
    """The members by sticky mappings; for the others, the uses to be counted."""
    drawn, uses, firsts = [], [], {}
    for pool, to in wishes:
        shortlist, key = pool.shortlist(to), (pool.id, to)
        one = _Drawn(shortlist, Choice(shortlist))
        use = None
        if pool.sticky and key in firsts:
            one.first = firsts[key]
            if one.first.use is not None and shortlist.group.goes_by_use:
                use = Use(pool.id, again=one.first.use)
        elif is_kept(pool, shortlist, kept.get(key)):
            one.choice = sticky_choice(shortlist, kept[key])
            if shortlist.group.goes_by_use:
                use = Use(pool.id, member=one.choice.member)
        elif shortlist.group.members:
            use = Use(pool.id, shortlist.lane, shortlist.group)
        if use:
            one.use = len(uses)
            uses.append(use)
        if pool.sticky:
            firsts.setdefault(key, one)
        drawn.append(one)
    return drawn, uses


def _remember(
    wishes: Sequence[Wish], drawn: Sequence[_Drawn], kept: dict[StickyKey, str]
) -> list[Choice]:
    """Store the sticky mappings. Of two workers at once the second gets the first one's senders."""
    new = [
        StickyMapping(pool, to, one.choice.member.id, kept.get((pool.id, to)))
        for (pool, to), one in zip(wishes, drawn, strict=True)
        if pool.sticky and one.choice.member
    ]
    holders = sticky.store_members(new)
    for (pool, to), one in zip(wishes, drawn, strict=True):
        holder = holders.get((pool.id, to)) if pool.sticky else None
        if one.first is not None:
            if member := one.first.choice.member:
                one.choice = sticky_choice(one.shortlist, member.id)
        elif holder and holder != one.choice.member.id and is_kept(pool, one.shortlist, holder):
            one.choice = sticky_choice(one.shortlist, holder)
    return [one.choice for one in drawn]


def look(pool: Pool, destination: str, *, count: int = 1) -> list[Choice]:
    """What `take` would give now for `count` messages to this destination. Changes nothing."""
    state = _state(pool, destination)
    choices = [choose(pool, destination, state)]
    while len(choices) < count:
        state = state_after(pool, choices[-1], state)
        choices.append(choose(pool, destination, state))
    return choices


def _state(pool: Pool, destination: str) -> State:
    """The sticky mapping if it decides, else the next turn."""
    kept = sticky.stored_members([(pool, destination)]).get((pool.id, destination))
    shortlist = pool.shortlist(destination)
    if is_kept(pool, shortlist, kept) or not shortlist.group.members:
        return State(kept=kept)
    return turn_counters().look(pool.id, shortlist.lane, shortlist.group)
