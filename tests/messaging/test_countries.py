"""Held against `phonenumbers`' own answer, number by number."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS, PhoneMetadata

from messaging.countries import COUNTRIES, country_of, pattern_of

SHARED = {code: regions for code, regions in COUNTRY_CODE_TO_REGION_CODE.items() if regions[1:]}
SHARING = sorted(region for regions in SHARED.values() for region in regions)
NO_COUNTRY = "001"
PARTS = {"AC": "SH", "TA": "SH"}
KINDS = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number",
    "voip", "pager", "uan", "voicemail",
)  # fmt: skip
ASCII = st.characters(max_codepoint=127)


def patterns(region: str) -> Iterator[str]:
    metadata = PhoneMetadata.metadata_for_region(region)
    for kind in KINDS:
        described = getattr(metadata, kind)
        if described is not None and described.national_number_pattern:
            yield described.national_number_pattern


def theirs(number: str) -> str | None:
    """What `phonenumbers` says of a number that is valid E.164; others are of no interest."""
    parsed = phonenumbers.parse(number)
    assume(phonenumbers.is_valid_number(parsed))
    # A national 0 behind the calling code is forgiven by the parser, and is not E.164.
    assume(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == number)
    region = phonenumbers.region_code_for_number(parsed)
    return None if region == NO_COUNTRY else PARTS.get(region, region)


def matching(number: str) -> list[str]:
    digits = number.removeprefix("+")
    return [
        country
        for country in COUNTRIES
        if pattern_of(country) and re.match(pattern_of(country), digits)
    ]


@pytest.mark.parametrize("region", SHARING)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_valid_numbers_of_shared_calling_codes(region, data):
    code = phonenumbers.country_code_for_region(region)
    pattern = data.draw(st.sampled_from(list(patterns(region))))
    national = data.draw(st.from_regex(pattern, fullmatch=True, alphabet=ASCII))
    number = f"+{code}{national}"

    assert country_of(number) == theirs(number)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_number_fits_the_pattern_of_its_country_and_no_other(data):
    code = data.draw(st.sampled_from(sorted(COUNTRY_CODE_TO_REGION_CODE)))
    number = f"+{code}{data.draw(st.from_regex('[0-9]{4,11}', fullmatch=True, alphabet=ASCII))}"

    country = country_of(number)
    assert matching(number) == ([country] if country else [])


@pytest.mark.parametrize("region", sorted(SUPPORTED_REGIONS))
def test_the_example_numbers_of_every_region(region):
    for kind in phonenumbers.PhoneNumberType.values():
        example = phonenumbers.example_number_for_type(region, kind)
        if example is not None:
            number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
            expected = phonenumbers.region_code_for_number(example)
            assert country_of(number) == PARTS.get(expected, expected), number


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+14155552671", "US"),
        ("+14165550123", "CA"),
        ("+18765550123", "JM"),
        ("+79161234567", "RU"),
        ("+77011234567", "KZ"),
        ("+442079460000", "GB"),
        ("+441534456789", "JE"),
        ("+441481256789", "GG"),
        ("+441624756789", "IM"),
        ("+262692123456", "RE"),
        ("+262639012345", "YT"),
        ("+61412345678", "AU"),
        ("+4740612345", "NO"),
        ("+4779123456", "SJ"),
        ("+390612345678", "IT"),
        ("+3906698", "VA"),
        ("+33639980001", "FR"),  # reserved for films: no valid number, and France's all the same
        ("+33", "FR"),
        ("33639980001", "FR"),
        ("+38343201234", "XK"),
        ("+24762889", "SH"),
        ("+2908999", "SH"),
    ],
)
def test_well_known_ones(number, country):
    assert country_of(number) == country


@pytest.mark.parametrize(
    "number",
    ["", "+", "+0", "+015550100", "+1", "+10000000000", "+80012345678", "+999", "+x1", "٣٣"],
)
def test_a_number_of_no_country(number):
    assert country_of(number) is None


@pytest.mark.parametrize("country", ["AQ", "BV", "ZZ", "", "*"])
def test_a_country_without_numbers_has_no_pattern(country):
    assert pattern_of(country) == ""


def test_every_region_with_numbers_belongs_to_a_country():
    assert {PARTS.get(region, region) for region in SUPPORTED_REGIONS} <= COUNTRIES
    assert len(COUNTRIES) == 250


@pytest.mark.parametrize(
    ("number", "country"),
    [("+4759123456789", "NO"), ("+447700900123456", "GB"), ("+390612345678901", "IT")],
)
def test_numbers_longer_than_every_plan_of_a_shared_code_are_of_its_main_country(number, country):
    assert country_of(number) == country
    assert matching(number) == [country]


def test_a_number_longer_than_any_belongs_to_one_of_those_that_share_its_code():
    assert matching("+599300000000") == [country_of("+599300000000")] == ["CW"]
