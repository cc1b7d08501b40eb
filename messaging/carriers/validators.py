"""Checks of a carrier's fields. Pure: each returns the value, or raises ValueError."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal

import pycountry

from messaging.countries import ANY, COUNTRIES

CURRENCIES = frozenset(currency.alpha_3 for currency in pycountry.currencies)
_RATE = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,5})?")


def country(value: str) -> str:
    """ISO 3166-1 alpha-2 in upper case, or `*` for any country."""
    if value == ANY:
        return value
    return _upper_case(value, COUNTRIES, "a country of ISO 3166-1 alpha-2, such as FR")


def length(values: list) -> None:
    """Raise ValueError unless the list has 1 to 250 entries."""
    if not values:
        raise ValueError('Name at least one country, or "*" alone for any.')
    if len(values) > len(COUNTRIES):
        raise ValueError(f"There are at most {len(COUNTRIES)} countries, this has {len(values)}.")


def countries(values: list[str]) -> list[str]:
    """Validated countries, each once; or `*` alone."""
    if ANY in values and len(values) > 1:
        raise ValueError('"*" is any country: send it alone, or the countries without it.')
    twice = [value for value, times in Counter(values).items() if times > 1]
    if twice:
        raise ValueError(f"Name each country once; more than once: {', '.join(twice)}.")
    return values


def currency(value: str) -> str:
    """ISO 4217, in upper case."""
    return _upper_case(value, CURRENCIES, "a currency of ISO 4217, such as USD")


def billing_rate(value: str) -> Decimal:
    """Price of a segment: at most 12 digits, 5 of them decimals, without sign and exponent."""
    if not _RATE.fullmatch(value):
        raise ValueError(
            "Write a price of 0 or more with at most 7 digits before the point and 5 behind it, "
            'such as "0.0045".'
        )
    return Decimal(value)


def _upper_case(value: str, known: frozenset[str], what: str) -> str:
    if value in known:
        return value
    if value.upper() in known:
        raise ValueError(f"Write it in upper case: {value.upper()}.")
    raise ValueError(f"This is not {what}.")
