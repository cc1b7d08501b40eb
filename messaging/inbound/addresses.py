"""Addresses of deliver_sm as numbers in E.164, where they can be read as such. Pure.

The type of number (SMPP 3.4 §5.2.5) says what an address is, but carriers leave it 0, and mark
national numbers as international ones and the other way round. So the digits count too: a + or 00
is international whatever the type, a 0 is a national prefix. Names, short codes and what could be
several numbers stay as they came.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from messaging.countries import ANY, country_of
from messaging.numbers import e164, national_readings

UNKNOWN, INTERNATIONAL, NATIONAL, NETWORK_SPECIFIC, SUBSCRIBER, ALPHANUMERIC, ABBREVIATED = range(7)
_PRIVATE = 9  # numbering plan, §5.2.6
_AS_THEY_CAME = (NETWORK_SPECIFIC, ALPHANUMERIC, ABBREVIATED)
_SHORTEST = 7  # digits of a number that is no short code
_SURE = 9  # digits from which on a number of no known range is taken for one
MOST_COUNTRIES = 30  # in more countries each national number is one of several


@dataclass(frozen=True)
class Address:
    text: str
    is_e164: bool


def countries_of(listed: Iterable[str], *, fallback: str | None = None) -> tuple[str, ...]:
    """The countries in which a national number is read; `fallback` where none is listed."""
    known = sorted({*listed} - {ANY})
    if not known or len(known) > MOST_COUNTRIES:
        known = [fallback] if fallback else []
    return tuple(known)


@lru_cache(maxsize=16_384)
def read(
    text: str, ton: int, npi: int, countries: tuple[str, ...], here: str | None = None
) -> Address:
    """`countries`: see `countries_of`. `here`: the country that decides between several."""
    number = _number(text.strip(), ton, npi, countries, here)
    return Address(number or text, number is not None)


def is_number(text: str) -> bool:
    """Whether it looks like a phone number, not a name or a short code."""
    digits = text.removeprefix("+")
    return digits.isascii() and digits.isdigit() and len(digits) >= _SHORTEST


def _number(
    text: str, ton: int, npi: int, countries: tuple[str, ...], here: str | None
) -> str | None:
    if not is_number(text):
        return None
    if text.startswith("+"):
        return _e164(text)
    if text.startswith("00"):
        return _e164(f"+{text[2:]}")
    if ton in _AS_THEY_CAME or npi == _PRIVATE:
        return None
    if ton == NATIONAL or text.startswith("0"):
        return _national(text, countries, here, only_known=False)
    international = _e164(f"+{text}")
    if ton == INTERNATIONAL or (international and country_of(international) in countries):
        return international
    if any(national_readings(text, [each], only_known=True) for each in countries):
        return _national(text, countries, here, only_known=True)
    return international if len(text) >= _SURE else None


def _e164(text: str) -> str | None:
    try:
        return e164(text)
    except ValueError:
        return None


def _national(
    text: str, countries: tuple[str, ...], here: str | None, *, only_known: bool
) -> str | None:
    found = national_readings(text, countries, only_known=only_known)
    if len(found) > 1 and here in countries:
        found = national_readings(text, [here], only_known=only_known) or found
    return found[0] if len(found) == 1 else None
