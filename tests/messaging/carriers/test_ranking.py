"""The order of carriers for a destination, as the API documents it."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.carriers.ranking import (
    RouteCandidate,
    RoutePosition,
    explain,
    for_country,
    in_order,
    route_positions,
)
from messaging.countries import ANY

COUNTRIES = ("FR", "US", "KZ")
DESTINATIONS = (*COUNTRIES, "DE", None)


def candidate(number: int = 1, **fields) -> RouteCandidate:
    """In use for FR; a higher number is a younger carrier."""
    defaults = {
        "id": f"carr_{number:032x}",
        "organization_id": "org_1",
        "name": f"Carrier {number}",
        "credential_id": f"cred_{number:032x}",
        "countries": ("FR",),
        "quality": 50,
        "fallback_order": 1,
        "billing_rate": Decimal("0.01"),
        "enabled": True,
        "credential_enabled": True,
        "receiver": False,
    }
    return RouteCandidate(**defaults | fields)


countries = st.just((ANY,)) | st.lists(st.sampled_from(COUNTRIES), min_size=1, unique=True).map(
    tuple
)
# Few values each, so that ties are common.
qualities = st.sampled_from([0, 50, 100])
fallback_orders = st.sampled_from([1, 2, 100])
rates = st.sampled_from([Decimal("0"), Decimal("0.00"), Decimal("0.0045"), Decimal("1")])
usually = st.sampled_from([True, True, True, False])
candidates = st.lists(
    st.builds(
        candidate,
        number=st.integers(1, 10_000),
        countries=countries,
        quality=qualities,
        fallback_order=fallback_orders,
        billing_rate=rates,
        enabled=usually,
        credential_enabled=usually,
        receiver=usually.map(lambda usual: not usual),
        bound=st.booleans(),
    ),
    max_size=12,
    unique_by=lambda each: each.id,
)


def documented_order(found: list[RouteCandidate], country: str | None) -> list[RouteCandidate]:
    """Written down a second time, as a filter and one sort."""
    serving = [
        each
        for each in found
        if each.enabled
        and each.credential_enabled
        and not each.receiver
        and (country in each.countries or ANY in each.countries)
    ]
    return sorted(
        serving,
        key=lambda each: (
            ANY in each.countries,
            each.fallback_order,
            -each.quality,
            each.billing_rate,
            each.id,
        ),
    )


@given(found=candidates, country=st.sampled_from(DESTINATIONS))
def test_it_is_the_documented_order(found, country):
    assert for_country(found, country) == documented_order(found, country)


@given(found=candidates, country=st.sampled_from(DESTINATIONS), data=st.data())
def test_it_does_not_depend_on_the_order_in_which_carriers_are_read(found, country, data):
    shuffled = data.draw(st.permutations(found))
    assert for_country(shuffled, country) == for_country(found, country)
    assert explain(shuffled, country) == explain(found, country)
    assert route_positions(shuffled) == route_positions(found)


@given(found=candidates, country=st.sampled_from(DESTINATIONS), data=st.data())
def test_a_carrier_that_goes_moves_no_other_past_another(found, country, data):
    before = for_country(found, country)
    gone = data.draw(st.sampled_from(found)) if found else None
    after = for_country([each for each in found if each != gone], country)
    assert after == [each for each in before if each != gone]


@given(found=candidates)
def test_two_carriers_never_share_a_place(found):
    for one, other in itertools.combinations(in_order(found), 2):
        assert in_order([one, other]) == in_order([other, one]) == [one, other]


@given(found=candidates, country=st.sampled_from(DESTINATIONS))
def test_every_carrier_is_explained_once(found, country):
    explanation = explain(found, country)
    shown = [each.candidate for each in (*explanation.carriers, *explanation.left_out)]
    assert sorted(each.id for each in shown) == sorted(each.id for each in found)
    assert [each.candidate for each in explanation.carriers] == for_country(found, country)
    assert all(each.reason for each in (*explanation.carriers, *explanation.left_out))


@given(found=candidates)
def test_positions_say_what_the_order_says(found):
    places = route_positions(found)
    assert set(places) == {each.id for each in in_order(found)}
    listed = {country for each in in_order(found) for country in each.countries}
    for country in listed | {ANY}:
        line = for_country(found, None if country == ANY else country)
        expected = {
            each.id: RoutePosition(country, position, len(line))
            for position, each in enumerate(line, start=1)
        }
        said = {
            key: place
            for key, found_at in places.items()
            for place in found_at
            if place.country == country
        }
        assert said == expected


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"fallback_order": 1, "quality": 0}, {"fallback_order": 2, "quality": 100}),
        ({"quality": 51, "billing_rate": Decimal(9)}, {"quality": 50, "billing_rate": Decimal(0)}),
        ({"billing_rate": Decimal("0.009")}, {"billing_rate": Decimal("0.01")}),
        ({"countries": ("FR",), "fallback_order": 100}, {"countries": (ANY,)}),
    ],
)
def test_what_decides_before_age(first, second):
    younger, older = candidate(2, **first), candidate(1, **second)
    assert for_country([older, younger], "FR") == [younger, older]


def test_the_oldest_of_equals_is_first():
    equals = [candidate(number) for number in (3, 1, 2)]
    assert [each.name for each in in_order(equals)] == ["Carrier 1", "Carrier 2", "Carrier 3"]


def test_any_country_backs_up_each_and_serves_the_rest():
    france, anywhere = candidate(1), candidate(2, countries=(ANY,), fallback_order=1, quality=100)
    assert for_country([anywhere, france], "FR") == [france, anywhere]
    assert for_country([anywhere, france], "DE") == [anywhere]
    assert for_country([anywhere, france], None) == [anywhere]
    assert route_positions([anywhere, france]) == {
        france.id: [RoutePosition("FR", 1, 2)],
        anywhere.id: [RoutePosition("FR", 2, 2), RoutePosition(ANY, 1, 1)],
    }


def test_reasons_of_places_name_what_decided():
    found = [
        candidate(1, fallback_order=1, quality=80, billing_rate=Decimal("0.00450")),
        candidate(2, fallback_order=1, quality=80, billing_rate=Decimal("0.00450")),
        candidate(3, fallback_order=1, quality=80, billing_rate=Decimal("10")),
        candidate(4, fallback_order=1, quality=50),
        candidate(5, fallback_order=2),
        candidate(6, countries=(ANY,)),
    ]
    assert [each.reason for each in explain(found, "FR").carriers] == [
        "lists FR; fallback_order 1, quality 80, billing_rate 0.0045",
        "lists FR; fallback_order 1, quality 80, billing_rate 0.0045; after the one before by age",
        "lists FR; fallback_order 1, quality 80, billing_rate 10; "
        "after the one before by billing_rate",
        "lists FR; fallback_order 1, quality 50, billing_rate 0.01; "
        "after the one before by quality",
        "lists FR; fallback_order 2, quality 50, billing_rate 0.01; "
        "after the one before by fallback_order",
        "any country (*); fallback_order 1, quality 50, billing_rate 0.01; "
        "after those that list FR",
    ]


@pytest.mark.parametrize(
    ("fields", "country", "reason"),
    [
        ({"enabled": False}, "FR", "disabled"),
        ({"credential_enabled": False}, "FR", "its credential is disabled"),
        ({"receiver": True}, "FR", "its credential is a receiver, which can't send"),
        ({}, "US", "does not serve US"),
        ({}, None, "serves the countries that it lists, and this number has none"),
        ({"enabled": False, "credential_enabled": False}, "US",
         "disabled; its credential is disabled; does not serve US"),
        ({"enabled": False, "countries": (ANY,)}, "US", "disabled"),
    ],
)  # fmt: skip
def test_reasons_of_absence(fields, country, reason):
    [left_out] = explain([candidate(**fields)], country).left_out
    assert left_out.reason == reason


def test_whether_a_carrier_is_bound_does_not_move_it():
    found = [candidate(1, bound=False), candidate(2, bound=True)]
    assert [each.bound for each in for_country(found, "FR")] == [False, True]
