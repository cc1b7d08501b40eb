"""Names of the organisation, credential or route that a change is about."""

from __future__ import annotations

import pytest

from reconciler.diff import Action, Change
from reconciler.display_names import Names, Owner
from reconciler.plan import failure, failures
from reconciler.state import Kind, Route

ORG, THEIRS = "obacme222222222", "obother22222222"
TRUNK, STRANGE = "obtrunk22222222", "obstrange222222"
NAMES = Names(
    owners={ORG: Owner("org_a", "Acme"), TRUNK: Owner("org_a", "Acme"), THEIRS: Owner("org_b", "B")}
    | {STRANGE: Owner("org_b", "B")},
    credentials={TRUNK: "North trunk", STRANGE: "secret of B"},
    carriers={f"carr_{n}": f"Carrier {n}" for n in range(12)},
)


def route(countries: tuple[str, ...], carriers: int, user: str = ORG) -> Route:
    ids = tuple(f"carr_{n}" for n in range(carriers))
    return Route(2_000_002, user, "^33", (TRUNK, TRUNK), countries=countries, carriers=ids)


def of_route(wanted: Route | None, before: Route | None = None) -> Change:
    return Change(Kind.ROUTE, "2000002", Action.REPLACE, "differs", resource=wanted, before=before)


@pytest.mark.parametrize(
    ("change", "about"),
    [
        (Change(Kind.GROUP, ORG, Action.CREATE, ""), "organisation Acme"),
        (Change(Kind.USER, ORG, Action.CREATE, ""), "organisation Acme, access"),
        (Change(Kind.USER, TRUNK, Action.CREATE, ""), "organisation Acme, credential North trunk"),
        (
            Change(Kind.CONNECTOR, TRUNK, Action.CREATE, ""),
            "organisation Acme, credential North trunk",
        ),
        (of_route(route((), 0, TRUNK)), "organisation Acme, credential North trunk"),
        (
            of_route(route(("DE", "FR"), 2)),
            "organisation Acme, access: DE, FR through Carrier 0, Carrier 1",
        ),
        (
            of_route(route(("A", "B", "C", "D", "E", "F"), 12)),
            "organisation Acme, access: A, B, C, D, E and 1 more through "
            "Carrier 0, Carrier 1, Carrier 2, Carrier 3, Carrier 4 and 7 more",
        ),
        (
            of_route(route((), 1)),
            "organisation Acme, access: all other countries through Carrier 0",
        ),
        (of_route(None, route((), 0)), "organisation Acme, access"),
        (Change(Kind.CONNECTOR, "obgone222222222", Action.DELETE, ""), ""),
    ],
)
def test_a_change_is_called_by_organisation_credential_countries_and_carriers(change, about):
    assert NAMES.about(change) == about


def test_keys_in_what_jasmin_said_are_read_as_the_organisations_own_credentials():
    change = of_route(route(("FR",), 1))

    said = NAMES.with_names(change, f"Unknown smppc cid: {TRUNK}, not {STRANGE}")

    assert said == f"Unknown smppc cid: North trunk ({TRUNK}), not {STRANGE}"


def test_of_many_failures_the_first_is_told_and_the_others_are_counted():
    one, two = Change(Kind.GROUP, ORG, Action.CREATE, ""), of_route(route(("FR",), 1))

    assert failure(one, "no") == f"group {ORG}: no"
    assert failures({one: "", two: ""}) == ""
    assert failures({one: "", two: "never"}) == "route 2000002: never"
    assert failures({one: "no", two: "never"}) == f"group {ORG}: no; and 1 more"
