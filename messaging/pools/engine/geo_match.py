"""The place of a number, and a pool's nearest members for it. Pure.

A place is a country and, in the United States and Canada, an area code: mobile numbers of other
countries have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from messaging.countries import country_of
from messaging.numbers import SenderType
from messaging.pools.engine.eligibility import faults, may_send, remarks
from messaging.pools.engine.strategies import TurnGroup
from messaging.pools.engine.values import Member, Step, Strategy

_WITH_AREAS = frozenset({"US", "CA"})


@dataclass(frozen=True)
class Place:
    """`country` None: the number has none. `area` "": there is none, or it does not matter."""

    country: str | None
    area: str = ""


@dataclass(frozen=True)
class ExplainedMember:
    """A member, whether it may send to the place, and why or why not."""

    member: Member
    eligible: bool
    reason: str


@dataclass(frozen=True)
class Shortlist:
    """A pool's members for a place, and the group of them that takes turns."""

    place: Place
    members: tuple[Member, ...] = field(repr=False)
    geo_match: bool
    group: TurnGroup
    step: Step  # GEO_MATCH if the group was narrowed to those that are near

    @property
    def candidates(self) -> tuple[ExplainedMember, ...]:
        """Every member once. Not cached: a thousand members with their reasons for 200 countries
        take 40 MB."""
        return tuple(
            _candidate(member, self.place, geo_match=self.geo_match) for member in self.members
        )

    @cached_property
    def eligible(self) -> dict[str, Member]:
        return {each.id: each for each in self.members if may_send(each, self.place.country)}

    @property
    def lane(self) -> str:
        """Name of the place. When members change, a new group replaces the one of its lane."""
        return f"{self.place.country or '-'}{self.place.area}"


@lru_cache(maxsize=4096)  # a choice asks several times for the same number
def place_of(number: str) -> Place:
    """The place of an E.164 number with `+`."""
    country = country_of(number)
    return Place(country, number[2:5] if country in _WITH_AREAS else "")


def make_shortlist(
    members: tuple[Member, ...], place: Place, *, strategy: Strategy, seed: int, geo_match: bool
) -> Shortlist:
    """The eligible members that take turns: with `geo_match` those of the area code, else of the
    country, else all."""
    eligible = [member for member in members if may_send(member, place.country)]
    near = _nearest(eligible, place) if geo_match else []
    group = TurnGroup(strategy, seed, tuple(near or eligible))
    return Shortlist(place, members, geo_match, group, Step.GEO_MATCH if near else Step.STRATEGY)


def _nearest(eligible: Iterable[Member], place: Place) -> list[Member]:
    by_distance = [(_common(member, place), member) for member in eligible]
    longest = max((common for common, _ in by_distance), default=0)
    return [member for common, member in by_distance if common == longest > 0]


def _common(member: Member, place: Place) -> int:
    """How much of the place the member shares: 0 nothing, 1 the country, 2 also the area code."""
    if member.type is not SenderType.LONG_CODE or place.country is None:
        return 0
    own = place_of(member.sender)
    if own.country != place.country:
        return 0
    return 2 if own.area and own.area == place.area else 1


def _candidate(member: Member, place: Place, *, geo_match: bool) -> ExplainedMember:
    against = "; ".join(faults(member, place.country))
    if against:
        return ExplainedMember(member, False, against)
    words = ["eligible", *remarks(member, place.country)]
    if geo_match:
        words += _nearness(member, place)
    return ExplainedMember(member, True, "; ".join(words))


def _nearness(member: Member, place: Place) -> Iterator[str]:
    match _common(member, place):
        case 2:
            yield f"same area code ({place.country} {place.area})"
        case 1:
            yield f"same country ({place.country})"
