"""`GET /v1/messaging/smpp/routes?destination=…`"""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.messaging.callers import data, refusal
from tests.messaging.carriers.conftest import Api as Carriers
from tests.messaging.carriers.conftest import Routes, make_credential

FRANCE = "?destination=%2B33639980001"


@pytest.fixture
def api(organization) -> Carriers:
    return Carriers(organization)


@pytest.fixture
def routes(organization) -> Routes:
    return Routes(organization)


def test_it_explains_who_is_tried_in_which_order_and_who_is_not(api, organization, routes):
    bound = make_credential(organization, bind_state="bound")
    off = make_credential(organization, enabled=False)
    anywhere = api.add(name="World", countries=["*"], credential_id=bound.id)
    unbound = api.add(name="Orange", quality=80, billing_rate="0.00450")
    america = api.add(name="Verizon", countries=["US"])
    disabled = api.add(name="Old", enabled=False)
    without = api.add(name="Paused", credential_id=off.id)

    answer = data(routes.get(FRANCE))

    credential_id = data(api.get(f"/{unbound}"))["credential_id"]
    assert answer == {
        "destination": "+33639980001",
        "country": "FR",
        "carriers": [
            {
                "position": 1,
                "id": unbound,
                "name": "Orange",
                "credential_id": credential_id,
                "bound": False,
                "reason": "lists FR; fallback_order 1, quality 80, billing_rate 0.0045",
                "quality": None,
            },
            {
                "position": 2,
                "id": anywhere,
                "name": "World",
                "credential_id": bound.id,
                "bound": True,
                "reason": "any country (*); fallback_order 1, quality 50, billing_rate 0; "
                "after those that list FR",
                "quality": None,
            },
        ],
        "left_out": [
            {"id": without, "name": "Paused", "reason": "its credential is disabled"},
            {"id": disabled, "name": "Old", "reason": "disabled"},
            {"id": america, "name": "Verizon", "reason": "does not serve FR"},
        ],
        "note": None,
    }


@pytest.mark.parametrize(
    ("destination", "country"),
    [("14155552671", "US"), ("14165550123", "CA"), ("77011234567", "KZ"), ("441534456789", "JE")],
)
def test_countries_of_shared_calling_codes(api, routes, destination, country):
    carriers = {each: api.add(countries=[each]) for each in ("US", "CA", "KZ", "RU", "GB", "JE")}
    answer = data(routes.get(f"?destination=%2B{destination}"))
    assert answer["country"] == country
    assert [each["id"] for each in answer["carriers"]] == [carriers[country]]


@pytest.mark.parametrize("plus", ["+", "%20", "%2B", "%2b"])
def test_a_plus_that_nobody_escaped_is_understood(routes, plus):
    """In a query string a bare `+` is a space."""
    answer = data(routes.get(f"?destination={plus}33639980001"))
    assert answer["destination"] == "+33639980001"


def test_a_number_of_no_country_takes_those_of_any(api, routes):
    anywhere, france = api.add(countries=["*"]), api.add()
    answer = data(routes.get("?destination=%2B80012345678"))
    assert answer["country"] is None
    assert [each["id"] for each in answer["carriers"]] == [anywhere]
    assert [each["id"] for each in answer["left_out"]] == [france]


def test_without_carriers_a_note_says_so(api, routes):
    empty = data(routes.get(FRANCE))
    assert (empty["carriers"], empty["left_out"]) == ([], [])
    assert empty["note"] == "There are no carriers yet."

    api.add(countries=["US"])
    answer = data(routes.get(FRANCE))
    assert answer["carriers"] == []
    assert "takes numbers of FR" in answer["note"]
    assert "NO_ROUTE" in answer["note"]
    nowhere = data(routes.get("?destination=%2B80012345678"))
    assert "no country" in nowhere["note"]


@pytest.mark.parametrize(
    "destination",
    ["", "%20", "x", "33639980001", "%2B", "%2B0639980001", "%2B1234", "%2B999123456789",
     "%2B3363998", "%2B3363998000112345", "%2B33 639980001", "%2B33%C2%A0639980001",
     "++33639980001"],
)  # fmt: skip
def test_what_is_no_phone_number(routes, destination):
    error = refusal(routes.get(f"?destination={destination}"), 422, "INVALID_PHONE_NUMBER")
    assert error["details"]["field"] == "destination"
    assert error["details"]["expected"] == "E.164 format e.g. +14155552671"


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("", "MISSING_REQUIRED_FIELD", "destination"),
        ("?destination=%00", "VALIDATION_ERROR", "destination"),
        (f"{FRANCE}&to=1", "VALIDATION_ERROR", "to"),
        (f"{FRANCE}&limit=1", "VALIDATION_ERROR", "limit"),
        (f"{FRANCE}&destination=%2B33639980002", "VALIDATION_ERROR", "destination"),
    ],
)
def test_other_parameters_are_refused(routes, query, code, field):
    assert refusal(routes.get(query), 422, code)["details"]["field"] == field


def test_it_is_read_only(routes):
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert routes.call(method, FRANCE).status_code == 405


def test_it_takes_the_same_queries_however_many_carriers_there_are(api, routes):
    api.add()
    routes.get(FRANCE)  # the key's "last used" is written now
    with CaptureQueriesContext(connection) as few:
        routes.get(FRANCE)
    for _ in range(5):
        api.add()
    with CaptureQueriesContext(connection) as many:
        assert len(data(routes.get(FRANCE))["carriers"]) == 6
    assert len(many) == len(few)


def test_it_needs_the_right_to_read_carriers(organization):
    reader = Routes(organization, scopes=["carriers:read"])
    others = Routes(organization, scopes=["credentials:read", "carriers:write"])
    assert reader.get(FRANCE).status_code == 200
    assert others.get(FRANCE).status_code == 403
