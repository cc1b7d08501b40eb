from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.messaging.callers import refusal
from tests.messaging.messages.conftest import AMERICA, FRANCE, make_carrier, make_message
from tests.messaging.pages import WHOLE_LIST_OF_THREE

pytestmark = pytest.mark.sqlite

NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["data"]]


@pytest.fixture
def three(organization, carrier) -> list[str]:
    """Oldest first, an hour apart: one that waits for a carrier, one that it has, one without."""
    made = (
        make_message(organization, created_at=NOON, wanted_carrier=carrier),
        make_message(
            organization,
            created_at=NOON + timedelta(hours=1),
            to=AMERICA,
            status="delivered",
            carrier=carrier,
        ),
        make_message(organization, created_at=NOON + timedelta(hours=2), status="failed"),
    )
    return [message.id for message in made]


def test_newest_first_with_a_total(api, three):
    answer = api.get()
    assert ids(answer) == three[::-1]
    assert answer.json()["meta"]["pagination"] == WHOLE_LIST_OF_THREE


def test_pages_go_on_where_the_last_one_ended(api, organization, three):
    first = api.get("?limit=2")
    cursor = first.json()["meta"]["pagination"]["cursor"]
    newer = make_message(organization).id
    assert ids(first) == [three[2], three[1]]
    assert ids(api.get(f"?limit=2&cursor={cursor}")) == [three[0]]
    assert ids(api.get("?limit=1")) == [newer]


def test_a_row_reads_as_the_single_one(api, three):
    for row in api.get().json()["data"]:
        assert row == api.read(row["id"])


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("status=queued", [0]),
        ("status=delivered", [1]),
        ("status=sent", []),
        (f"to=%2B{AMERICA[1:]}", [1]),
        (f"to={FRANCE}", [2, 0]),  # a + that was not escaped
        ("carrier_id=carr_1", []),
        ("created_after=2026-03-08T12:00:00Z", [2, 1]),
        ("created_after=2026-03-08T14:59:59%2B01:00", [2]),
        ("created_before=2026-03-08T13:00:00Z", [0]),
        ("created_after=2026-03-08T12:30:00Z&created_before=2026-03-08T13:30:00Z", [1]),
        ("status=failed&created_before=2026-03-08T13:00:00Z", []),
    ],
)
def test_filters(api, three, query, places):
    assert ids(api.get(f"?{query}")) == [three[place] for place in places]


def test_the_filter_by_carrier_goes_by_what_is_shown(api, organization, three, carrier):
    assert ids(api.get(f"?carrier_id={carrier.id}")) == [three[1], three[0]]
    other = make_carrier(organization)
    assert ids(api.get(f"?carrier_id={other.id}")) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=running", "status"),
        ("carrier_id=", "carrier_id"),
        ("carrier_id=%00", "carrier_id"),
        ("created_after=yesterday", "created_after"),
        ("limit=101", "limit"),
        ("body=hello", "body"),
    ],
)
def test_a_bad_or_unknown_parameter_is_refused(api, query, field):
    error = refusal(api.get(f"?{query}"), 422, "VALIDATION_ERROR")
    assert error["details"]["field"] == field


def test_a_bad_number_is_refused(api):
    refusal(api.get("?to=hello"), 422, "INVALID_PHONE_NUMBER")


def test_a_national_form_is_read_in_the_countries_of_the_carriers(api, organization, three):
    make_carrier(organization, countries=["ES", "*"])
    national = f"0{FRANCE.removeprefix('+33')}"
    assert ids(api.get(f"?to={national}")) == [three[2], three[0]]
    assert ids(api.get(f"?to=00{FRANCE[1:]}")) == [three[2], three[0]]
    assert ids(api.get(f"?to={national}&status=failed")) == [three[2]]


@pytest.mark.parametrize(
    ("countries", "reason"),
    [(["*"], "no carrier lists one"), (["US"], "can't be a number of US")],
)
def test_a_national_form_of_no_known_country_is_refused_with_the_reason(
    api, organization, countries, reason
):
    make_carrier(organization, countries=countries)
    error = refusal(api.get("?to=0612345612"), 422, "INVALID_PHONE_NUMBER")
    assert error["details"]["field"] == "to"
    assert "0612345612 is in national form" in error["message"]
    assert reason in error["message"]


def test_carriers_of_others_do_not_explain_a_number(api, stranger):
    refusal(api.get("?to=0612345612"), 422, "INVALID_PHONE_NUMBER")


def test_a_cursor_belongs_to_its_filters(api, three):
    cursor = api.get(f"?limit=1&to={FRANCE}").json()["meta"]["pagination"]["cursor"]
    refusal(api.get(f"?limit=1&to={AMERICA}&cursor={cursor}"), 400, "INVALID_CURSOR")


def test_the_list_takes_the_same_queries_however_long_it_is(api, organization, carrier):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            rows = api.get("?limit=100").json()["data"]
        assert all(row["carrier_id"] for row in rows)
        return len(captured)

    make_message(organization, carrier=carrier)
    api.get()  # the key's "last used" is written now
    few = queries()
    for _ in range(8):
        make_message(organization, carrier=carrier, wanted_carrier=carrier)
    assert queries() == few
