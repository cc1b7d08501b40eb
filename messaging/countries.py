"""Countries of phone numbers, by look-up and as regular expressions. Pure.

A calling code that only one country has decides the country. A shared one (+1, +7, +44, …) is split
by `phonenumbers`' metadata: the first country that the number fits. `country_of` and `pattern_of`
agree by construction, and a property test checks it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

import phonenumbers
import pycountry
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata
from phonenumbers.phonemetadata import PhoneNumberDesc

ANY = "*"
_NO_COUNTRY = "001"  # calling codes of networks without one: +800, +870, +882, …
_TYPES = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number",
    "voip", "pager", "uan", "voicemail",
)  # fmt: skip
# Kosovo has numbers (+383) and no code in ISO 3166-1; XK is in general use.
COUNTRIES = frozenset({country.alpha_2 for country in pycountry.countries} | {"XK"})
# Ascension and Tristan da Cunha have numbers of their own (+247, +290), but no code: in ISO 3166-1
# they are parts of Saint Helena.
_PARTS = {"SH": ("SH", "AC", "TA")}
_WHOLE = {part: whole for whole, parts in _PARTS.items() for part in parts}


@functools.lru_cache(maxsize=4096)  # each message asks four times
def country_of(number: str) -> str | None:
    """Return the country (ISO 3166-1 alpha-2) of an E.164 number, with or without `+`.

    None for a number without a country, or one that fits none of the countries sharing its calling
    code.
    """
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return None
    for region in _candidates(digits):
        if re.match(_region_pattern(region), digits):
            return _WHOLE.get(region, region)
    return None


@functools.cache
def pattern_of(country: str) -> str:
    """Return a regular expression for `re.match` on the digits of the country's numbers.

    It starts with the calling code, without `+`; "" for a country without numbers of its own.
    """
    patterns = filter(None, map(_region_pattern, _PARTS.get(country, (country,))))
    return "|".join(patterns)


@functools.cache
def _region_pattern(region: str) -> str:
    """`pattern_of` a region of `phonenumbers`, which has regions that are not countries."""
    code = phonenumbers.country_code_for_region(region)
    if not code:
        return ""
    sharing = _in_order(COUNTRY_CODE_TO_REGION_CODE[code])
    if len(sharing) == 1:
        return str(code)
    own = {each: _national(each) for each in sharing}
    own[phonenumbers.region_code_for_country_code(code)] += f"|{_longer(sharing)}"
    # If both patterns fit, the earlier region has the number.
    earlier = [own[each] for each in sharing[: sharing.index(region)]]
    excluded = f"(?!{'|'.join(earlier)})" if earlier else ""
    return f"{code}{excluded}(?:{own[region]})"


def _longer(regions: Iterable[str]) -> str:
    """A pattern for numbers longer than the numbering plans: machine numbers of the main country of
    the calling code (Norway's +47 59… have twelve digits)."""
    plans = (PhoneMetadata.metadata_for_region(region).general_desc for region in regions)
    longest = max(length for plan in plans for length in plan.possible_length)
    return rf"\d{{{longest + 1},}}$"


def _candidates(digits: str) -> tuple[str, ...]:
    """Regions whose calling code these digits start with (no calling code begins another)."""
    for length in (1, 2, 3):
        regions = COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:length]))
        if regions and digits[:length][0] != "0":
            return _in_order(region for region in regions if region != _NO_COUNTRY)
    return ()


def _in_order(regions: Iterable[str]) -> tuple[str, ...]:
    """The metadata's order, but first the regions that a few leading digits identify.

    No valid number of another region begins with these digits, so their patterns stay short. Jasmin
    prints every pattern in every pass, at a second per megabyte during which it does nothing else.
    """
    return tuple(sorted(regions, key=lambda region: _leading_digits(region) is None))


def _leading_digits(region: str) -> str | None:
    return PhoneMetadata.metadata_for_region(region).leading_digits


@functools.cache
def _national(region: str) -> str:
    """A pattern for the digits after the calling code."""
    leading = _leading_digits(region)
    if leading is not None:
        return leading
    metadata = PhoneMetadata.metadata_for_region(region)
    general = _exact(metadata.general_desc)
    kinds = [getattr(metadata, kind) for kind in _TYPES]
    patterns = dict.fromkeys(_exact(kind) for kind in kinds if _has_numbers(kind))
    return f"(?={general})(?:{'|'.join(patterns)})"


def _has_numbers(kind: PhoneNumberDesc | None) -> bool:
    return kind is not None and bool(kind.national_number_pattern)


def _exact(kind: PhoneNumberDesc) -> str:
    """The pattern over the whole number, in one of its possible lengths."""
    pattern = f"(?:{kind.national_number_pattern})$"
    lengths = [length for length in kind.possible_length if length > 0]
    if not lengths:
        return pattern
    whole = "|".join(rf"\d{{{length}}}$" for length in sorted(lengths))
    return f"(?={whole}){pattern}"
