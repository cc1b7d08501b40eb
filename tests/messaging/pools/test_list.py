from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.messaging.callers import refusal
from tests.messaging.pages import WHOLE_LIST_OF_THREE
from tests.messaging.pools.conftest import A, B


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["data"]]


@pytest.fixture
def carrier_id(carriers) -> str:
    return carriers.add()


@pytest.fixture
def three(api, carrier_id) -> list[str]:
    """Oldest first."""
    return [
        api.add(A, name="Support", carrier_ids=[carrier_id]),
        api.add(A, B, name="Marketing"),
        api.add(name="Support test", carrier_ids=[carrier_id]),
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
        ("q=support", [2, 0]),
        ("q=MARKET", [1]),
        ("q=%25", []),
        ("q=", [2, 1, 0]),
        ("carrier_id=carr_1", []),
    ],
)
def test_filters(api, three, query, places):
    assert ids(api.get(f"?{query}")) == [three[place] for place in places]


def test_the_filter_by_carrier(api, three, carrier_id):
    assert ids(api.get(f"?carrier_id={carrier_id}")) == [three[2], three[0]]
    assert ids(api.get(f"?carrier_id={carrier_id}&q=test")) == [three[2]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("carrier_id=", "carrier_id"),
        ("carrier_id=%00", "carrier_id"),
        (f"q={'x' * 101}", "q"),
        ("limit=0", "limit"),
        ("strategy=weighted", "strategy"),
    ],
)
def test_a_bad_or_unknown_parameter_is_refused(api, query, field):
    error = refusal(api.get(f"?{query}"), 422, "VALIDATION_ERROR")
    assert error["details"]["field"] == field


def test_a_cursor_belongs_to_its_filters(api, three):
    cursor = api.get("?limit=1&q=support").json()["meta"]["pagination"]["cursor"]
    refusal(api.get(f"?limit=1&q=test&cursor={cursor}"), 400, "INVALID_CURSOR")


def test_the_list_takes_the_same_queries_however_long_it_is(api, carrier_id):
    api.add(A, carrier_ids=[carrier_id])
    api.get()  # the key's "last used" is written now
    with CaptureQueriesContext(connection) as few:
        api.get("?limit=100")
    for _ in range(8):
        api.add(A, B, carrier_ids=[carrier_id])
    with CaptureQueriesContext(connection) as many:
        answer = api.get("?limit=100")
    assert len(answer.json()["data"]) == 9
    assert all(row["members"] and row["carrier_ids"] for row in answer.json()["data"])
    assert len(many) == len(few)


def test_carriers_read_their_pools_in_one_query(api, carriers):
    for _ in range(4):
        api.add(carrier_ids=[carriers.add()])
    with CaptureQueriesContext(connection) as queries:
        rows = carriers.get().json()["data"]
    assert all(row["sender_pools"] for row in rows)
    assert sum("messaging_poolcarrier" in query["sql"] for query in queries) == 1


def test_a_write_takes_the_same_queries_however_many_members_there_are(api):
    def write(count: int) -> int:
        pool_id = api.add()
        senders = [{"sender": f"Shop {number}"} for number in range(count)]
        with CaptureQueriesContext(connection) as queries:
            assert api.patch(f"/{pool_id}", {"members": senders}).status_code == 200
            for member in senders:
                member["weight"] = 2
            assert api.patch(f"/{pool_id}", {"members": senders[1:]}).status_code == 200
        return len(queries)

    write(1)
    assert write(40) == write(2)
