"""The order in which an organisation's carriers are tried for a destination, and why. Pure.

Carriers that list the destination's country come before those of `*`; within each group the lowest
`fallback_order` first, then the highest `quality`, the lowest `billing_rate`, the oldest. A carrier
that delivers too little is then moved back (`demotions`). The order does not depend on binds: a
carrier that is not bound is skipped when a message is routed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, TypeVar

from messaging.carriers.demotions import (
    PROBE_PERCENT,
    Demotable,
    Demotion,
    Level,
    level_in,
    placed,
)
from messaging.countries import ANY
from messaging.money import as_text


@dataclass(frozen=True, slots=True)
class RouteCandidate:
    """A carrier with the fields of its credential that routing needs. Ids are ordered by time.

    `demotions`: those that routing applies; `advised`: those that `quality_mode` `enforce` would
    apply.
    """

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
    demotions: tuple[Demotion, ...] = ()
    advised: tuple[Demotion, ...] = ()


@dataclass(frozen=True)
class ExplainedCandidate:
    """A carrier and the reason for its position."""

    candidate: RouteCandidate
    reason: str


@dataclass(frozen=True)
class Explanation:
    """The carriers of a destination, first choice first, and the carriers that are left out."""

    carriers: tuple[ExplainedCandidate, ...]
    left_out: tuple[ExplainedCandidate, ...]


@dataclass(frozen=True)
class RoutePosition:
    """`position` (from 1) of a carrier among the `of` carriers of a country; `*`: any other one."""

    country: str
    position: int
    of: int


class Serving(Demotable, Protocol):
    """Anything with `countries` (codes, or `*` alone) and `demotions`."""

    @property
    def countries(self) -> tuple[str, ...]: ...


S = TypeVar("S", bound=Serving)


def in_order(candidates: Iterable[RouteCandidate]) -> list[RouteCandidate]:
    """The candidates in use, best first, for all countries."""
    return sorted((each for each in candidates if not any(_faults(each))), key=_rank)


def by_country(
    ordered: Iterable[S], *, only: str | None = None, probe: bool = False
) -> dict[str, list[S]]:
    """`{country: carriers that take its messages, in the order in which they are tried}`.

    There is an entry for each country that a carrier lists or in which a carrier of `*` is demoted.
    Its carriers are those that list the country, then those of `*`, with demotions applied. The
    entry `*` is for every other country, and for numbers without a country.

    `ordered`: carriers in use, best first. `only`: build the entry of this country alone. `probe`:
    the order for a probe message (`demotions.is_probe`).
    """
    listing: dict[str, list[S]] = defaultdict(list)
    for each in ordered:
        for country in each.countries:
            if only is None or country in (only, ANY):
                listing[country].append(each)
    anywhere = listing.pop(ANY, [])
    named = {each.country for carrier in anywhere for each in carrier.demotions}
    if only is not None:
        named &= {only}
    lines = {
        country: placed([*listing.get(country, ()), *anywhere], country, probe=probe)
        for country in sorted({*listing, *named})
    }
    return {**lines, ANY: anywhere}


def ranked_for(ordered: Iterable[S], country: str | None, *, probe: bool = False) -> list[S]:
    """The carriers of `ordered` (in use, best first) that take messages for the country, first
    choice first.

    `country` None or "": the number has no country, and only carriers of `*` take it.
    """
    lines = by_country(ordered, only=country or ANY, probe=probe)
    return lines.get(country or ANY, lines[ANY])


def for_country(candidates: Iterable[RouteCandidate], country: str | None) -> list[RouteCandidate]:
    """`ranked_for` of candidates in any order, in use or not."""
    return ranked_for(in_order(candidates), country)


def serves(countries: Iterable[str], country: str | None) -> bool:
    """Whether a carrier with these `countries` takes messages for `country`."""
    return any(each in (ANY, country) for each in countries)


def explain(candidates: Iterable[RouteCandidate], country: str | None) -> Explanation:
    """`for_country` with a reason for each candidate; those left out are newest first."""
    candidates = list(candidates)
    chosen = for_country(candidates, country)
    others = sorted(set(candidates) - set(chosen), key=lambda each: each.id, reverse=True)
    return Explanation(
        carriers=tuple(map(ExplainedCandidate, chosen, _reasons(chosen, country))),
        left_out=tuple(ExplainedCandidate(each, _why_left_out(each, country)) for each in others),
    )


def route_positions(candidates: Iterable[RouteCandidate]) -> dict[str, list[RoutePosition]]:
    """`{carrier id: its positions}` of the carriers in use, by country, then `*`."""
    ordered = in_order(candidates)
    places: dict[str, list[RoutePosition]] = {candidate.id: [] for candidate in ordered}
    for country, line in by_country(ordered).items():
        for position, candidate in enumerate(line, start=1):
            places[candidate.id].append(RoutePosition(country, position, len(line)))
    return places


def _rank(candidate: RouteCandidate) -> tuple[int, int, Decimal, str]:
    quality = -candidate.quality
    return candidate.fallback_order, quality, candidate.billing_rate, candidate.id


def _faults(candidate: RouteCandidate) -> Iterator[str]:
    """Why it takes no messages to any country."""
    if not candidate.enabled:
        yield "disabled"
    if not candidate.credential_enabled:
        yield "its credential is disabled"
    if candidate.receiver:
        yield "its credential is a receiver, which can't send"


def _why_left_out(candidate: RouteCandidate, country: str | None) -> str:
    reasons = list(_faults(candidate))
    if not serves(candidate.countries, country):
        reasons.append(
            f"does not serve {country}"
            if country
            else "serves the countries that it lists, and this number has none"
        )
    return "; ".join(reasons)


def _reasons(chosen: Sequence[RouteCandidate], country: str | None) -> Iterator[str]:
    """The reason of each position, in order."""
    for before, candidate in zip((None, *chosen), chosen, strict=False):
        serves = "any country (*)" if ANY in candidate.countries else f"lists {country}"
        criterion = _moved(candidate, chosen, country) or _deciding_criterion(
            before, candidate, country
        )
        yield (
            f"{serves}; fallback_order {candidate.fallback_order}, quality {candidate.quality}, "
            f"billing_rate {as_text(candidate.billing_rate)}{criterion}"
        )


def _moved(candidate: RouteCandidate, chosen: Sequence[RouteCandidate], country: str | None) -> str:
    """How its delivery affects its position, as text; "" if not at all."""
    level = level_in(candidate.demotions, country or "")
    if level is Level.HEALTHY:
        would_be = level_in(candidate.advised, country or "")
        if would_be is Level.HEALTHY:
            return ""
        return f"; it delivers too little ({would_be}), and keeps its place: quality_mode is advise"
    said = f"; it delivers too little ({level})"
    if all(level_in(each.demotions, country or "") is not Level.HEALTHY for each in chosen):
        return f"{said}, and no carrier is healthy: it keeps its place"
    moved = "stands one place back" if level is Level.WARN else "stands behind all healthy ones"
    probed = any(each.country == country and each.probing for each in candidate.demotions)
    part = f"; {PROBE_PERCENT} % of the messages try it in its own place" if probed else ""
    return f"{said}, and {moved}{part}"


def _deciding_criterion(
    before: RouteCandidate | None, candidate: RouteCandidate, country: str | None
) -> str:
    """The criterion that puts it after the one before it."""
    if before is None:
        return ""
    if (ANY in before.countries) != (ANY in candidate.countries):
        return f"; after those that list {country}"
    criteria = ("fallback_order", "quality", "billing_rate", "age")
    pairs = zip(criteria, _rank(before), _rank(candidate), strict=True)
    return "; after the one before by " + next(name for name, one, two in pairs if one != two)
