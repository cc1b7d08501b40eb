"""Choose a sender. Pure: the same pool, destination and state always give the same sender."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from messaging.numbers import SenderType
from messaging.pools.engine.geo_match import (
    ExplainedMember,
    Place,
    Shortlist,
    make_shortlist,
    place_of,
)
from messaging.pools.engine.values import Member, State, Step, Strategy


@dataclass(frozen=True)
class Pool:
    """A pool as the engine sees it. It caches its shortlist for each place.

    `carrier_ids`: the carriers that it is attached to, oldest first.
    """

    id: str
    strategy: Strategy
    members: tuple[Member, ...]
    sticky: bool = False
    geo_match: bool = False
    seed: int = 0
    sticky_ttl_days: int = 15
    carrier_ids: tuple[str, ...] = ()
    _shortlists: dict[Place, Shortlist] = field(default_factory=dict, compare=False, repr=False)

    def shortlist(self, destination: str) -> Shortlist:
        """Its members for a destination (E.164 with `+`)."""
        place = place_of(destination)
        if place.area and place.area not in self._areas:  # no member has it: the country decides
            place = Place(place.country)
        shortlist = self._shortlists.get(place)
        if shortlist is None:
            shortlist = self._shortlists[place] = make_shortlist(
                self.members,
                place,
                strategy=self.strategy,
                seed=self.seed,
                geo_match=self.geo_match,
            )
        return shortlist

    @cached_property
    def _areas(self) -> frozenset[str]:
        if not self.geo_match:
            return frozenset()
        numbers = (each.sender for each in self.members if each.type is SenderType.LONG_CODE)
        return frozenset(place_of(number).area for number in numbers)


@dataclass(frozen=True)
class Choice:
    """`member` and `step` are None if no member may send there; `turn` is the number of the turn
    that the strategy gave."""

    shortlist: Shortlist
    member: Member | None = None
    step: Step | None = None
    turn: int | None = None

    @property
    def candidates(self) -> tuple[ExplainedMember, ...]:
        """Every member of the pool once, with its reason."""
        return self.shortlist.candidates


def is_kept(pool: Pool, shortlist: Shortlist, kept: str | None) -> bool:
    """Whether the sticky mapping decides: its member may still send there."""
    return pool.sticky and kept in shortlist.eligible


def choose(pool: Pool, destination: str, state: State) -> Choice:
    """The sender for `destination` (E.164 with `+`), given the `state` that earlier choices left.

    The sticky mapping decides first, then the strategy among the members that are eligible and,
    with `geo_match`, nearest.
    """
    shortlist = pool.shortlist(destination)
    if is_kept(pool, shortlist, state.kept):
        return sticky_choice(shortlist, state.kept)
    if not shortlist.group.members:
        return Choice(shortlist)
    return choice_of_turn(shortlist, shortlist.group.next(state), state.turn)


def choice_of_turn(shortlist: Shortlist, member: Member, turn: int) -> Choice:
    """The choice of `member`, which has the turn `turn` (`TurnGroup.next`)."""
    return Choice(shortlist, member, shortlist.step, turn)


def sticky_choice(shortlist: Shortlist, member_id: str) -> Choice:
    """The choice of the member that the sticky mapping keeps (`is_kept`)."""
    return Choice(shortlist, shortlist.eligible[member_id], Step.STICKY)


def state_after(pool: Pool, choice: Choice, state: State) -> State:
    """The state of the next choice for the same destination if this one is made."""
    if choice.member is None:
        return state
    tick = max(state.used.values(), default=0) + 1
    return State(
        kept=choice.member.id if pool.sticky else None,
        turn=state.turn if choice.step is Step.STICKY else state.turn + 1,
        used={**state.used, choice.member.id: tick},
    )
