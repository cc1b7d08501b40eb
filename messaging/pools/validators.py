"""Checks of a pool's fields. Pure: each returns the value, or raises ValueError."""

from __future__ import annotations

from collections.abc import Sequence

from messaging.carriers import validators as carriers
from messaging.countries import ANY, COUNTRIES
from messaging.numbers import SenderType

MAX_MEMBERS = 1000
MAX_CARRIERS = 100
MAX_WEIGHT = 100
MAX_TTL = 365  # days


def country(value: str) -> str:
    """ISO 3166-1 alpha-2 in upper case."""
    if value == ANY:
        raise ValueError('An empty list is any country: leave out "*".')
    return carriers.country(value)


def at_most(values: Sequence, limit: int, what: str) -> None:
    """Raise ValueError on a list that is too long, before its entries are checked."""
    if len(values) > limit:
        raise ValueError(f"There are at most {limit} {what}, this has {len(values)}.")


def countries(values: list[str]) -> list[str]:
    """Validated countries, each once."""
    return carriers.countries(values)


def first_repeated(values: Sequence[str]) -> tuple[int, int] | None:
    """Indexes of the first repeated value and of its first occurrence; None if all are unique."""
    seen: dict[str, int] = {}
    for place, value in enumerate(values):
        if value in seen:
            return place, seen[value]
        seen[value] = place
    return None


def check_type(said: str, found: SenderType) -> None:
    """Raise ValueError if the type that the request gives is not the sender's."""
    if said != found:
        raise ValueError(f"This sender is of type {found}; leave the type out, or say so.")


def check_reach(kind: SenderType, where: Sequence[str]) -> None:
    """A short code needs countries: it works only in those that gave it out."""
    if kind is SenderType.SHORT_CODE and not where:
        raise ValueError("A short code works in some countries only: name them.")


MAX_COUNTRIES = len(COUNTRIES)
