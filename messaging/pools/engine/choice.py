"""The choice. Pure: the same pool, destination and state always give the same answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from messaging.numbers import SenderType
from messaging.pools.engine.geo_match import Candidate, Place, Standing, place_of, stand
from messaging.pools.engine.values import Member, State, Step, Strategy


@dataclass(frozen=True)
class Pool:
    """A pool as the choice sees it. What it has for a place is worked out once and kept.

    `carrier_ids`: of the carriers that it is attached to, oldest first.
    """

    id: str
    strategy: Strategy
    members: tuple[Member, ...]
    sticky: bool = False
    geo_match: bool = False
    seed: int = 0
    sticky_ttl_days: int = 15
    carrier_ids: tuple[str, ...] = ()
    _standings: dict[Place, Standing] = field(default_factory=dict, compare=False, repr=False)

    def at(self, destination: str) -> Standing:
        """What it has for an E.164 number with `+`."""
        place = place_of(destination)
        if place.area and place.area not in self._areas:  # as good as any other that nobody has
            place = Place(place.country)
        standing = self._standings.get(place)
        if standing is None:
            standing = self._standings[place] = stand(
                self.members,
                place,
                strategy=self.strategy,
                seed=self.seed,
                geo_match=self.geo_match,
            )
        return standing

    @cached_property
    def _areas(self) -> frozenset[str]:
        if not self.geo_match:
            return frozenset()
        numbers = (each.sender for each in self.members if each.type is SenderType.LONG_CODE)
        return frozenset(place_of(number).area for number in numbers)


@dataclass(frozen=True)
class Choice:
    """`member` and `step` are None if nobody may send there; `turn` is the number of the turn that
    the strategy gave."""

    standing: Standing
    member: Member | None = None
    step: Step | None = None
    turn: int | None = None

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The explanation: every member of the pool once."""
        return self.standing.candidates


def is_kept(pool: Pool, standing: Standing, kept: str | None) -> bool:
    """Whether the sticky mapping decides: its member may send there still."""
    return pool.sticky and kept in standing.eligible


def choose(pool: Pool, destination: str, state: State) -> Choice:
    """Who sends to `destination` (E.164 with `+`) when earlier choices have left `state`.

    First the sticky mapping, then the strategy among those who are eligible and, with `geo_match`,
    nearest.
    """
    standing = pool.at(destination)
    if is_kept(pool, standing, state.kept):
        return holds(standing, state.kept)
    if not standing.group.members:
        return Choice(standing)
    return taken(standing, standing.group.next(state), state.turn)


def taken(standing: Standing, member: Member, turn: int) -> Choice:
    """The choice of a turn that was taken; `member`: whose turn it was (`Group.next`)."""
    return Choice(standing, member, standing.step, turn)


def holds(standing: Standing, member_id: str) -> Choice:
    """The choice of a sticky mapping to a member that `is_kept`."""
    return Choice(standing, standing.eligible[member_id], Step.STICKY)


def after(pool: Pool, choice: Choice, state: State) -> State:
    """What the next choice for the same destination finds if this one is made."""
    if choice.member is None:
        return state
    tick = max(state.used.values(), default=0) + 1
    return State(
        kept=choice.member.id if pool.sticky else None,
        turn=state.turn if choice.step is Step.STICKY else state.turn + 1,
        used={**state.used, choice.member.id: tick},
    )
