from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.messaging.callers import refusal
from tests.messaging.carriers.conftest import make_credential
from tests.messaging.pages import WHOLE_LIST_OF_THREE


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["data"]]


@pytest.fixture
def three(api, credential) -> list[str]:
    """Oldest first."""
    return [
        api.add(name="Orange", countries=["FR", "US"], credential_id=credential.id),
        api.add(name="Vodafone", countries=["*"], enabled=False),
        api.add(name="Orange test", countries=["US"]),
    ]


def test_newest_first_with_a_total(api, three):
    answer = api.get()
    assert ids(answer) == three[::-1]
    assert answer.json()["meta"]["pagination"] == WHOLE_LIST_OF_THREE


def test_pages_go_on_where_the_last_one_ended(api, three):
    first = api.get("?limit=2")
    cursor = first.json()["meta"]["pagination"]["cursor"]
    api.delete(f"/{three[1]}")
    newer = api.add()
    assert ids(first) == [three[2], three[1]]
    assert ids(api.get(f"?limit=2&cursor={cursor}")) == [three[0]]
    assert ids(api.get("?limit=1")) == [newer]


def test_a_row_reads_as_the_single_one(api, three):
    for row in api.get().json()["data"]:
        assert row == api.get(f"/{row['id']}").json()["data"]


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("enabled=true", [2, 0]),
        ("enabled=false", [1]),
        ("country=FR", [0]),
        ("country=US", [2, 0]),
        ("country=DE", []),
        ("country=*", [1]),
        ("q=orange", [2, 0]),
        ("q=VODA", [1]),
        ("q=%25", []),
        ("q=_", []),
        ("q=", [2, 1, 0]),
        ("q=orange&country=US&enabled=true", [2, 0]),
        ("credential_id=cred_1", []),
    ],
)
def test_filters(api, three, query, places):
    assert ids(api.get(f"?{query}")) == [three[place] for place in places]


def test_the_filter_by_credential(api, three, credential):
    assert ids(api.get(f"?credential_id={credential.id}")) == [three[0]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("enabled=yes", "enabled"),
        ("country=fr", "country"),
        ("country=ZZ", "country"),
        ("country=", "country"),
        ("country=%22", "country"),
        ("credential_id=", "credential_id"),
        ("credential_id=%00", "credential_id"),
        (f"q={'x' * 101}", "q"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("name=Orange", "name"),
    ],
)
def test_a_bad_or_unknown_parameter_is_refused(api, query, field):
    error = refusal(api.get(f"?{query}"), 422, "VALIDATION_ERROR")
    assert error["details"]["field"] == field


def test_a_cursor_belongs_to_its_filters(api, three):
    cursor = api.get("?limit=1&country=US").json()["meta"]["pagination"]["cursor"]
    refusal(api.get(f"?limit=1&country=FR&cursor={cursor}"), 400, "INVALID_CURSOR")


def test_the_list_takes_the_same_queries_however_long_it_is(api, organization, used_by):
    used_by(api.add())
    api.get()  # the key's "last used" is written now
    with CaptureQueriesContext(connection) as few:
        api.get("?limit=100")
    for number in range(12):
        credential = make_credential(organization, bind_state="bound" if number % 2 else "")
        used_by(api.add(credential_id=credential.id))
    with CaptureQueriesContext(connection) as many:
        answer = api.get("?limit=100")
    assert len(answer.json()["data"]) == 13
    assert all(row["sender_pools"] and row["routes"] for row in answer.json()["data"])
    assert len(many) == len(few)


def test_the_list_does_not_even_read_the_passwords(api, three):
    with CaptureQueriesContext(connection) as queries:
        api.get()
        api.get(f"/{three[0]}")
    selects = [query["sql"] for query in queries if "messaging_credential" in query["sql"]]
    assert selects
    assert not any('"staged_password"' in sql or '"password"' in sql for sql in selects)


def test_a_deleted_one_is_gone(api, three):
    api.delete(f"/{three[1]}")
    assert ids(api.get()) == [three[2], three[0]]
