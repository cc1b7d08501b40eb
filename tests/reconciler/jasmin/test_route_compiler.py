"""Carriers as routes: Jasmin's table sends a number where the order of carriers says."""

from __future__ import annotations

import random
import re
from decimal import Decimal

import phonenumbers
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.carriers.demotions import read
from messaging.carriers.ranking import RouteCandidate, in_order
from messaging.countries import ANY
from reconciler.jasmin.route_compiler import Member, PinnedUser, compile_routes
from reconciler.jasmin.route_orders import LISTED, PINNED, UNLISTED, assign_orders
from reconciler.jcli.routes import doubled
from reconciler.state import Route

COUNTRIES = [
    *("FR", "US", "CA", "BS", "RU", "KZ", "GB", "JE", "GG", "IM", "RE", "YT", "IT", "VA"),
    *("NO", "SJ", "FI", "AX", "AU", "CX", "CC", "GP", "BL", "MF", "CW", "BQ", "DE"),
]
EVERYWHERE = sorted(phonenumbers.SUPPORTED_REGIONS)
TYPES = [0, 1, 3, 4, 6]  # fixed, mobile, toll free, premium, voip
PARTS = {"AC": "SH", "TA": "SH"}  # numbers of their own, and no country of their own
NUMBERS, TABLES = 100, 100  # each table is asked for so many numbers: 10,000


def candidate(number: int, countries: list[str], quality: int, order: int) -> RouteCandidate:
    return RouteCandidate(
        id=f"carr_{number:03}",
        organization_id="org_a",
        name=f"carrier {number}",
        credential_id=f"cred_{number % 4}",
        countries=tuple(countries),
        quality=quality,
        fallback_order=order,
        billing_rate=Decimal(0),
        enabled=number % 7 != 6,
        credential_enabled=True,
        receiver=False,
    )


lists = st.one_of(st.just([ANY]), st.lists(st.sampled_from(COUNTRIES), min_size=1, unique=True))
carriers = st.lists(
    st.tuples(lists, st.integers(0, 3), st.integers(1, 3)), min_size=1, max_size=8
).map(lambda rows: [candidate(number, *row) for number, row in enumerate(rows)])


def number_of(region: str, chance: random.Random) -> str:
    """A random valid number: an example of the region's, with digits behind its first changed."""
    example = phonenumbers.example_number_for_type(region, chance.choice(TYPES))
    text = _e164(example or phonenumbers.example_number(region))
    for _ in range(10):
        kept = chance.randint(max(4, len(text) - 7), len(text) - 1)
        digits = (chance.choice("0123456789") for _ in text[kept:])
        changed = text[:kept] + "".join(digits)
        parsed = phonenumbers.parse(changed)
        if phonenumbers.is_valid_number(parsed) and _e164(parsed) == changed:
            return changed
    return text


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def country_of_valid(number: str) -> str:
    """Return the country of a number by `phonenumbers` itself."""
    region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    return PARTS.get(region, region)


def documented_order(candidates: list[RouteCandidate], country: str) -> list[str]:
    """Return credentials in the order that the API documents, each once."""
    serving = [
        each
        for each in candidates
        if each.enabled and (country in each.countries or ANY in each.countries)
    ]
    serving.sort(
        key=lambda each: (
            country not in each.countries,
            each.fallback_order,
            -each.quality,
            each.billing_rate,
            each.id,
        )
    )
    return list(dict.fromkeys(each.credential_id for each in serving))


def table(candidates: list[RouteCandidate]) -> list[Route]:
    members = [Member(each.credential_id, each.countries) for each in in_order(candidates)]
    routes = compile_routes([PinnedUser("obpinned", "cred_0")], {"obaccess": members})
    return sorted(assign_orders(routes, [], []), key=lambda route: -route.order)


def taken_by(routes: list[Route], number: str) -> tuple[str, ...]:
    """Choose as Jasmin does: the highest order with filters that match, and no other."""
    for route in routes:
        if route.user == "obaccess" and re.match(route.pattern, number):
            return tuple(dict.fromkeys(route.connectors))
    return ()


@settings(max_examples=TABLES)
@given(carriers, st.integers(0, 2**32))
def test_the_table_sends_a_number_where_the_order_of_carriers_says(candidates, seed):
    chance = random.Random(seed)
    routes = table(candidates)
    for _ in range(NUMBERS):
        number = number_of(chance.choice(COUNTRIES * 3 + EVERYWHERE), chance)
        country = country_of_valid(number)

        taken = taken_by(routes, number)

        assert taken == taken_by(routes, number.removeprefix("+"))
        assert list(taken) == documented_order(candidates, country), number
        for credential_id in taken:  # none of another country's alone
            own = [each for each in candidates if each.credential_id == credential_id]
            assert any({country, ANY} & {*each.countries} for each in own), number


@given(carriers)
def test_every_route_fails_over(candidates):
    routes = table(candidates)

    assert len({route.order for route in routes}) == len(routes)
    assert all(len(route.connectors) >= 2 for route in routes)
    assert [route.user for route in routes if route.order >= PINNED] == ["obpinned"]
    assert all(route.pattern for route in routes if LISTED <= route.order < PINNED)
    assert not any(route.pattern for route in routes if UNLISTED <= route.order < LISTED)


@given(carriers, carriers)
def test_a_change_of_carriers_moves_no_route_that_stays(before, after):
    old = table(before)
    wanted = table(after)
    unsettled = [Route(_block(each), each.user, each.pattern, each.connectors) for each in wanted]

    new = assign_orders(unsettled, old, [route.order for route in old])

    places = {(route.user, route.pattern): route.order for route in old}
    for route in new:
        if (route.user, route.pattern) in places:
            assert route.order == places[route.user, route.pattern]
        else:
            assert route.order not in places.values()


def test_countries_that_have_the_same_carriers_are_one_route_however_many():
    everywhere = Member("obone", tuple(EVERYWHERE))

    (route,) = compile_routes([], {"obaccess": [everywhere]})

    assert len(route.pattern) > 20_000
    assert all(
        re.match(route.pattern, _e164(phonenumbers.example_number(region))) for region in EVERYWHERE
    )


def test_orders_that_others_use_are_never_taken():
    wanted = [Route(PINNED, "obone", "", ("obone", "obone"))]

    (route,) = assign_orders(wanted, [], [PINNED, PINNED + 1])

    assert route.order == PINNED + 2


def _block(route: Route) -> int:
    return next(block for block in (PINNED, LISTED, UNLISTED) if route.order >= block)


def test_where_a_carrier_stands_back_its_connector_is_behind_the_others():
    """A country that nobody lists has a route of its own while one of `*` stands back there."""
    lists = Member("ob_lists", ("FR",), "carr_1", read("FR critical"))
    anywhere = Member("ob_anywhere", (ANY,), "carr_2", read("DE warn"))
    other = Member("ob_other", (ANY,), "carr_3")

    routes = compile_routes([], {"obaccess": [lists, anywhere, other]})

    lines = {route.countries: route.connectors for route in routes}
    assert lines == {
        ("FR",): doubled(["ob_anywhere", "ob_other", "ob_lists"]),
        ("DE",): doubled(["ob_other", "ob_anywhere"]),
        (): doubled(["ob_anywhere", "ob_other"]),
    }
