"""Cursor pages, on the list of API keys."""

from __future__ import annotations

import pytest

from orbit.accounts.models import ApiKey
from tests.factories import make_api_key, make_member

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

URL = "/v1/settings/api-keys"


@pytest.fixture
def rows(key) -> list[str]:
    """Ids of 7 keys of the organisation, newest first."""
    member = make_member(key.key.organization)
    made = [make_api_key(member=member).key.pk for _ in range(6)]
    return [*reversed(made), key.key.pk]


def page(api, **params) -> tuple[list[str], dict]:
    body = api.get(URL, params).json()
    return [row["id"] for row in body["data"]], body["meta"]["pagination"]


def error(response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_newest_first_in_whole_pages(api, rows):
    seen, cursor, sizes = [], None, []
    while True:
        ids, pagination = page(api, limit=3, **({"cursor": cursor} if cursor else {}))
        seen += ids
        sizes.append(len(ids))
        assert pagination["total"] == 7
        assert pagination["has_more"] is (pagination["cursor"] is not None)
        cursor = pagination["cursor"]
        if cursor is None:
            break
        assert cursor.startswith("cur_")
    assert seen == rows
    assert sizes == [3, 3, 1]


def test_a_last_page_that_is_full_has_no_cursor(api, rows):
    ids, pagination = page(api, limit=7)
    assert ids == rows
    assert pagination == {
        "cursor": None,
        "has_more": False,
        "total": 7,
        "total_is_estimate": False,
    }


def test_an_empty_list(api, key):
    body = api.get("/v1/audit-events", {"action": "nothing.of.the.kind"}).json()
    assert body["data"] == []
    assert body["meta"]["pagination"] == {
        "cursor": None,
        "has_more": False,
        "total": 0,
        "total_is_estimate": False,
    }


def test_twenty_is_the_default(api, key):
    member = make_member(key.key.organization)
    for _ in range(20):
        make_api_key(member=member)
    ids, pagination = page(api)
    assert (len(ids), pagination["total"]) == (20, 21)


def test_rows_added_meanwhile_do_not_shift_the_next_page(api, rows, key):
    first, pagination = page(api, limit=3)
    make_api_key(key.key.organization)
    second, _ = page(api, limit=4, cursor=pagination["cursor"])
    assert first + second == rows


def test_rows_deleted_meanwhile_do_not_shift_the_next_page(api, rows):
    first, pagination = page(api, limit=3)
    ApiKey.objects.filter(pk__in=[first[0], first[2]]).delete()  # the cursor's own among them
    second, _ = page(api, limit=4, cursor=pagination["cursor"])
    assert first + second == rows


@pytest.mark.parametrize(
    "limit", ["0", "101", "-1", "a", "", "1.5", "1e1", "1_0", " 5", "5 ", "+5", "5.0", "\uff15"]
)
def test_a_limit_out_of_range_is_refused(api, limit):
    refused = api.get(URL, {"limit": limit})
    assert error(refused) == (422, "VALIDATION_ERROR")
    assert refused.json()["error"]["details"]["expected"] == "a whole number from 1 to 100"


@pytest.mark.parametrize("limit", ["1", "100"])
def test_the_borders_are_taken(api, limit):
    assert api.get(URL, {"limit": limit}).status_code == 200


@pytest.mark.parametrize("query", ["limit=1&limit=2", "offset=3", "LIMIT=3"])
def test_unknown_and_repeated_parameters_are_refused(api, query):
    assert error(api.get(f"{URL}?{query}")) == (422, "VALIDATION_ERROR")


def test_a_parameter_of_a_route_that_takes_none_is_refused(api, key):
    assert error(api.get(f"{URL}/{key.key.pk}?a=1")) == (422, "VALIDATION_ERROR")
    assert error(api.delete(f"{URL}/{key.key.pk}?force=1")) == (422, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "cursor", ["", "cur_", "nonsense", "cur_AAAA", "cur_é", "cur_!!!!", "cur_" + "A" * 5000]
)
def test_a_damaged_cursor_is_refused(api, cursor):
    assert error(api.get(URL, {"cursor": cursor})) == (400, "INVALID_CURSOR")


def test_a_changed_cursor_is_refused(api, rows):
    cursor = page(api, limit=3)[1]["cursor"]
    changed = cursor[:-6] + ("AAAAAA" if cursor[-6:] != "AAAAAA" else "BBBBBB")
    assert error(api.get(URL, {"cursor": changed})) == (400, "INVALID_CURSOR")


def test_a_cursor_belongs_to_its_filters(api, rows):
    first = api.get("/v1/audit-events", {"limit": 1, "action": "api_key.created"}).json()
    cursor = first["meta"]["pagination"]["cursor"]
    again = {"cursor": cursor, "action": "api_key.created"}
    assert api.get("/v1/audit-events", again).status_code == 200
    for other in ({}, {"action": "session.login"}, {"action": "api_key.created", "target": "x"}):
        refused = api.get("/v1/audit-events", {**other, "cursor": cursor})
        assert error(refused) == (400, "INVALID_CURSOR")


def test_a_cursor_belongs_to_its_list(api, rows):
    cursor = page(api, limit=1)[1]["cursor"]
    assert error(api.get("/v1/audit-events", {"cursor": cursor})) == (400, "INVALID_CURSOR")


def test_a_cursor_belongs_to_its_organisation(api, rows, client):
    cursor = page(api, limit=1)[1]["cursor"]
    other = {"X-API-Key": make_api_key().secret}
    refused = client.get(URL, {"cursor": cursor}, headers=other)
    assert error(refused) == (400, "INVALID_CURSOR")


def test_the_limit_may_differ_between_pages(api, rows):
    first, pagination = page(api, limit=2)
    second, _ = page(api, limit=5, cursor=pagination["cursor"])
    assert first + second == rows
