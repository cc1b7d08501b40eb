"""Carriers as routes: Jasmin's table sends a number where the order of carriers says."""

from __future__ import annotations

import re
from decimal import Decimal

import phonenumbers
from hypothesis import given
from hypothesis import strategies as st

from messaging.carriers.order import Candidate, for_country, in_order
from messaging.countries import ANY, country_of
from reconciler.orders import LISTED, PINNED, UNLISTED, settle
from reconciler.routing import MAX_PATTERN, Member, Trunk, compile_routes
from reconciler.state import Route

COUNTRIES = [
    *("FR", "US", "CA", "BS", "RU", "KZ", "GB", "JE", "GG", "IM", "RE", "YT", "IT", "VA"),
    *("NO", "SJ", "FI", "AX", "AU", "CX", "CC", "GP", "BL", "MF", "CW", "BQ", "DE"),
]
EVERYWHERE = sorted(phonenumbers.SUPPORTED_REGIONS)
TYPES = [0, 1, 3, 4, 6]  # fixed, mobile, toll free, premium, voip


def candidate(number: int, countries: list[str], quality: int, order: int) -> Candidate:
    return Candidate(
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


@st.composite
def numbers(draw) -> str:
    """A valid number, of a country that shares its calling code more often than not."""
    region = draw(st.sampled_from(COUNTRIES * 3 + EVERYWHERE))
    example = phonenumbers.example_number_for_type(region, draw(st.sampled_from(TYPES)))
    example = example or phonenumbers.example_number(region)
    text = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    changed = text[:-3] + draw(st.text("0123456789", min_size=3, max_size=3))
    return changed if phonenumbers.is_valid_number(phonenumbers.parse(changed)) else text


def table(candidates: list[Candidate]) -> list[Route]:
    members = [Member(each.credential_id, each.countries) for each in in_order(candidates)]
    routes = compile_routes([Trunk("obpinned", "cred_0")], {"obaccess": members})
    return sorted(settle(routes, [], []), key=lambda route: -route.order)


def taken_by(routes: list[Route], number: str) -> tuple[str, ...]:
    """As Jasmin does: the highest order whose filters match, and no other."""
    for route in routes:
        if route.user == "obaccess" and re.compile(route.pattern).match(number):
            return tuple(dict.fromkeys(route.connectors))
    return ()


@given(carriers, numbers())
def test_the_table_sends_a_number_where_the_order_of_carriers_says(candidates, number):
    chosen = for_country(candidates, country_of(number))
    wanted = tuple(dict.fromkeys(each.credential_id for each in chosen))

    routes = table(candidates)

    assert taken_by(routes, number) == wanted
    assert taken_by(routes, number.removeprefix("+")) == wanted


@given(carriers)
def test_every_route_fits_the_console_and_fails_over(candidates):
    routes = table(candidates)

    assert len({route.order for route in routes}) == len(routes)
    assert all(len(route.connectors) >= 2 for route in routes)
    assert all(len(route.pattern) <= MAX_PATTERN + 100 for route in routes)
    assert [route.user for route in routes if route.order >= PINNED] == ["obpinned"]
    assert all(route.pattern for route in routes if LISTED <= route.order < PINNED)
    assert not any(route.pattern for route in routes if UNLISTED <= route.order < LISTED)


@given(carriers, carriers)
def test_a_change_of_carriers_moves_no_route_that_stays(before, after):
    old = table(before)
    wanted = table(after)
    unsettled = [Route(_block(each), each.user, each.pattern, each.connectors) for each in wanted]

    new = settle(unsettled, old, [route.order for route in old])

    places = {(route.user, route.pattern): route.order for route in old}
    for route in new:
        if (route.user, route.pattern) in places:
            assert route.order == places[route.user, route.pattern]
        else:
            assert route.order not in places.values()


def test_orders_that_others_use_are_never_taken():
    wanted = [Route(PINNED, "obone", "", ("obone", "obone"))]

    (route,) = settle(wanted, [], [PINNED, PINNED + 1])

    assert route.order == PINNED + 2


def _block(route: Route) -> int:
    return next(block for block in (PINNED, LISTED, UNLISTED) if route.order >= block)
