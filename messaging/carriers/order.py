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

from messaging.countries import ANY
from messaging.money import as_text


@dataclass(frozen=True)
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


def in_order(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those in use, best first, whatever their countries."""
    return sorted((each for each in candidates if not any(_faults(each))), key=_rank)


def for_country(candidates: Iterable[Candidate], country: str | None) -> list[Candidate]:
    """Those that take messages for the country, first choice first.

    `country` None, of numbers that have none: only those of `*` take them.
    """
    ordered = in_order(candidates)
    return [each for each in ordered if country in each.countries] + _anywhere(ordered)


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
    anywhere = _anywhere(ordered)
    listing: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in ordered:
        for country in candidate.countries:
            if country != ANY:
                listing[country].append(candidate)
    places: dict[str, list[Standing]] = {candidate.id: [] for candidate in ordered}
    for country in (*sorted(listing), ANY):
        line = listing.get(country, []) + anywhere
        for position, candidate in enumerate(line, start=1):
            places[candidate.id].append(Standing(country, position, len(line)))
    return places


def _rank(candidate: Candidate) -> tuple[int, int, Decimal, str]:
    quality = -candidate.quality
    return candidate.fallback_order, quality, candidate.billing_rate, candidate.id


def _anywhere(candidates: Iterable[Candidate]) -> list[Candidate]:
    return [candidate for candidate in candidates if ANY in candidate.countries]


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
    if ANY not in candidate.countries and country not in candidate.countries:
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
