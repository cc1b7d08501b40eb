"""In which order the carriers of an organisation are tried for a destination, and why. Pure.

Those that list the destination's country come before those of `*`; within each the lowest
`fallback_order` first, then the highest `quality`, the lowest `billing_rate`, the oldest. Whether a
carrier is bound does not matter for its place: the next one is tried when it is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, TypeVar

from messaging.countries import ANY
from messaging.money import as_text


@dataclass(frozen=True, slots=True)
class Candidate:
    """A carrier, with what counts of its credential. Ids are ordered by time."""

    id: str
    organization_id: str
    name: str
    credential_id: str
    countries: tuple[str, ...]
    quality: int
    fallback_order: int
    billing_rate: Decimal
    enabled: bool
    credential_enabled: bool
    receiver: bool  # its credential's bind can't send
    bound: bool = False
    currency: str = "USD"  # of billing_rate
    gsm_data_coding: int = 0  # of its credential


@dataclass(frozen=True)
class Explained:
    """A carrier, and why it is where it is."""

    candidate: Candidate
    reason: str


@dataclass(frozen=True)
class Explanation:
    """The carriers of a destination, first choice first, and those that it does not have."""

    carriers: tuple[Explained, ...]
    left_out: tuple[Explained, ...]


@dataclass(frozen=True)
class Standing:
    """`position` (from 1) of a carrier among the `of` carriers of a country; `*`: of any other."""

    country: str
    position: int
    of: int


class Serving(Protocol):
    """What has a place in the order: its countries, or `*`."""

    @property
    def countries(self) -> tuple[str, ...]: ...


S = TypeVar("S", bound=Serving)


def in_order(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those in use, best first, whatever their countries."""
    return sorted((each for each in candidates if not any(_faults(each))), key=_rank)


def by_country(ordered: Iterable[S], *, only: str | None = None) -> dict[str, list[S]]:
    """For each country that one of them lists, those that take its messages: first those that list
    it, then those of `*`. Under `*` those that take the messages for any other country, and for
    numbers that have none.

    `ordered`: in use, best first. `only`: no country but this one is looked at.
    """
    listing: dict[str, list[S]] = defaultdict(list)
    for each in ordered:
        for country in each.countries:
            if only is None or country in (only, ANY):
                listing[country].append(each)
    anywhere = listing.pop(ANY, [])
    lines = {country: [*listing[country], *anywhere] for country in sorted(listing)}
    return {**lines, ANY: anywhere}


def takers(ordered: Iterable[S], country: str | None) -> list[S]:
    """Those of `ordered` (in use, best first) that take messages for the country, first choice
    first. `country` None or "", of numbers that have none: only those of `*` take them."""
    lines = by_country(ordered, only=country or ANY)
    return lines.get(country or ANY, lines[ANY])


def for_country(candidates: Iterable[Candidate], country: str | None) -> list[Candidate]:
    """The same of carriers in any order, in use or not."""
    return takers(in_order(candidates), country)


def serves(countries: Iterable[str], country: str | None) -> bool:
    """Whether a carrier with these countries takes messages for the country at all."""
    return any(each in (ANY, country) for each in countries)


def explain(candidates: Iterable[Candidate], country: str | None) -> Explanation:
    """`for_country` with a reason for each candidate; those left out are newest first."""
    candidates = list(candidates)
    chosen = for_country(candidates, country)
    others = sorted(set(candidates) - set(chosen), key=lambda each: each.id, reverse=True)
    return Explanation(
        carriers=tuple(map(Explained, chosen, _places(chosen, country))),
        left_out=tuple(Explained(each, _absence(each, country)) for each in others),
    )


def standings(candidates: Iterable[Candidate]) -> dict[str, list[Standing]]:
    """Where each carrier in use stands, by its id: countries that anybody lists, then `*`."""
    ordered = in_order(candidates)
    places: dict[str, list[Standing]] = {candidate.id: [] for candidate in ordered}
    for country, line in by_country(ordered).items():
        for position, candidate in enumerate(line, start=1):
            places[candidate.id].append(Standing(country, position, len(line)))
    return places


def _rank(candidate: Candidate) -> tuple[int, int, Decimal, str]:
    quality = -candidate.quality
    return candidate.fallback_order, quality, candidate.billing_rate, candidate.id


def _faults(candidate: Candidate) -> Iterator[str]:
    """Why it takes no messages at all."""
    if not candidate.enabled:
        yield "disabled"
    if not candidate.credential_enabled:
        yield "its credential is disabled"
    if candidate.receiver:
        yield "its credential is a receiver, which can't send"


def _absence(candidate: Candidate, country: str | None) -> str:
    reasons = list(_faults(candidate))
    if not serves(candidate.countries, country):
        reasons.append(
            f"does not serve {country}"
            if country
            else "serves the countries that it lists, and this number has none"
        )
    return "; ".join(reasons)


def _places(chosen: Sequence[Candidate], country: str | None) -> Iterator[str]:
    """The reason of each place, in their order."""
    for before, candidate in zip((None, *chosen), chosen, strict=False):
        anywhere = ANY in candidate.countries
        serves = "any country (*)" if anywhere else f"lists {country}"
        yield (
            f"{serves}; fallback_order {candidate.fallback_order}, quality {candidate.quality}, "
            f"billing_rate {as_text(candidate.billing_rate)}{_decided(before, candidate, country)}"
        )


def _decided(before: Candidate | None, candidate: Candidate, country: str | None) -> str:
    """By what it comes after the one before it."""
    if before is None:
        return ""
    if (ANY in before.countries) != (ANY in candidate.countries):
        return f"; after those that list {country}"
    criteria = ("fallback_order", "quality", "billing_rate", "age")
    pairs = zip(criteria, _rank(before), _rank(candidate), strict=True)
    return "; after the one before by " + next(name for name, one, two in pairs if one != two)
