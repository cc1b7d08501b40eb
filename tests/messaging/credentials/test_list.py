from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.messaging.credentials.conftest import set_status
from tests.messaging.pages import WHOLE_LIST_OF_THREE


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["data"]]


@pytest.fixture
def three(api) -> list[str]:
    """Oldest first."""
    return [
        api.add(name="Orange", host="127.0.0.1", system_id="alpha"),
        api.add(name="Vodafone", host="127.0.0.2", system_id="beta", enabled=False),
        api.add(name="Orange test", host="127.0.0.3", system_id="gamma"),
    ]


def test_newest_first_with_a_total(api, three):
    answer = api.get()
    assert ids(answer) == three[::-1]
    assert answer.json()["meta"]["pagination"] == WHOLE_LIST_OF_THREE


def test_pages_go_on_where_the_last_one_ended(api, three):
    first = api.get("?limit=2")
    cursor = first.json()["meta"]["pagination"]["cursor"]
    api.delete(f"/{three[1]}")
    newer = api.add(system_id="delta")
    assert ids(first) == [three[2], three[1]]
    assert ids(api.get(f"?limit=2&cursor={cursor}")) == [three[0]]
    assert ids(api.get("?limit=1")) == [newer]


def test_a_row_reads_as_the_single_one(api, three):
    row = api.get("?limit=1").json()["data"][0]
    assert row == api.get(f"/{three[2]}").json()["data"]


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("enabled=true", [2, 0]),
        ("enabled=false", [1]),
        ("sync_state=synced", [0]),
        ("sync_state=pending", [2, 1]),
        ("bind_state=bound", [0]),
        ("bind_state=disabled", [1]),
        ("q=orange", [2, 0]),
        ("q=127.0.0.2", [1]),
        ("q=AMM", [2]),
        ("q=%25", []),
        ("q=_", []),
        ("q=", [2, 1, 0]),
        ("q=orange&bind_state=bound&enabled=true", [0]),
    ],
)
def test_filters(api, three, query, places):
    set_status(three[0], sync_state="synced", bind_state="bound")
    assert ids(api.get(f"?{query}")) == [three[place] for place in places]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("enabled=yes", "enabled"),
        ("sync_state=done", "sync_state"),
        ("bind_state=up", "bind_state"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("name=Orange", "name"),
    ],
)
def test_a_bad_or_unknown_parameter_is_refused(api, query, field):
    answer = api.get(f"?{query}")
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["field"] == field


def test_a_cursor_belongs_to_its_filters(api, three):
    cursor = api.get("?limit=1&enabled=true").json()["meta"]["pagination"]["cursor"]
    answer = api.get(f"?limit=1&enabled=false&cursor={cursor}")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "INVALID_CURSOR"


def test_the_list_takes_the_same_queries_however_long_it_is(api, used_by_carrier):
    used_by_carrier(api.add(system_id="one"))
    api.get()  # the key's "last used" is written now
    with CaptureQueriesContext(
        connection,
    ) as few:
        api.get("?limit=100")
    for number in range(12):
        used_by_carrier(api.add(system_id=f"system{number}"))
    with CaptureQueriesContext(connection) as many:
        answer = api.get("?limit=100")
    assert len(answer.json()["data"]) == 13
    assert all(row["carriers"] for row in answer.json()["data"])
    assert len(many) == len(few)


def test_the_list_does_not_even_read_the_passwords(api, three):
    with CaptureQueriesContext(connection) as queries:
        api.get()
    selects = [query["sql"] for query in queries if "messaging_credential" in query["sql"]]
    assert selects
    assert not any('"staged_password"' in sql or '"password",' in sql for sql in selects)


def test_a_deleted_one_is_gone(api, three):
    api.delete(f"/{three[1]}")
    assert ids(api.get()) == [three[2], three[0]]
    assert api.get(f"/{three[1]}").status_code == 404
