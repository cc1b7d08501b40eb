"""Pages of long lists: each row on one, however many come and go, and none is counted off."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orbit.accounts.models import Organization
from orbit.console import keyset
from orbit.console.long_lists import LongList
from reconciler.models import BindChange, Gateway, Run
from tests.messaging.messages.conftest import make_carrier

pytestmark = pytest.mark.sqlite

BINDS = "/admin/reconciler/bindchange/"
RUNS = "/admin/reconciler/run/"


@pytest.fixture
def gateway(db) -> Gateway:
    return Gateway.objects.create(name="main", jcli_host="127.0.0.1", http_url="http://h:1")


@pytest.fixture
def runs(gateway, monkeypatch) -> list[str]:
    """The ids of seven passes, newest first; three fit a page."""
    monkeypatch.setattr(LongList, "list_per_page", 3)
    return [run(gateway).pk for _ in range(7)][::-1]


def run(gateway: Gateway) -> Run:
    return Run.objects.create(gateway=gateway, trigger="beat", started_at=timezone.now())


def page(client, query: str = "", listed: str = RUNS):
    answer = client.get(listed + query)
    assert answer.status_code == 200, answer.content
    return answer.context["cl"]


def shown(found) -> list[str]:
    return [row.pk for row in found.result_list]


def test_older_and_newer_pages_have_each_row_once_and_skip_over_none(operator, runs):
    with CaptureQueriesContext(connection) as captured:
        first = page(operator)
        second = page(operator, first.older)
        third = page(operator, second.older)
    assert [shown(each) for each in (first, second, third)] == [runs[:3], runs[3:6], runs[6:]]
    assert (first.newest, first.newer, third.older) == ("", "", "")
    assert not any("OFFSET" in each["sql"] for each in captured)

    back = page(operator, third.newer)
    assert shown(back) == runs[3:6]
    assert shown(page(operator, back.newer)) == runs[:3]
    assert shown(page(operator, third.newest)) == runs[:3]


def test_rows_that_come_or_go_push_none_from_one_page_to_the_next(operator, gateway, runs):
    first = page(operator)
    new = run(gateway)
    Run.objects.filter(pk=runs[2]).delete()  # by which the next page begins

    second = page(operator, first.older)
    assert shown(second) == runs[3:6]
    assert shown(page(operator, second.newer)) == [new.pk, *runs[:2]]


def test_the_page_before_the_first_is_the_first(operator, gateway, runs):
    found = page(operator, f"?after={runs[0]}")
    assert (shown(found), found.newest, found.newer) == (runs[:3], "", "")


def test_links_of_filters_lead_to_the_first_page_of_what_they_find(operator, runs):
    answer = operator.get(f"{RUNS}?before={runs[2]}&state__exact=running")
    assert shown(answer.context["cl"]) == runs[3:6]
    assert "before=" not in answer.context["cl"].get_query_string({"state__exact": "failed"})
    assert f"before={runs[5]}&amp;state__exact=running" in answer.text


@pytest.mark.parametrize("query", ["o=1", "o=-3.1", "all=", "p=2", "before=", "after="])
def test_nothing_else_orders_the_rows_or_shows_them_all(operator, runs, query):
    assert shown(page(operator, f"?{query}")) == runs[:3]


def test_nothing_counts_the_rows_of_each_filter(operator, runs):
    with CaptureQueriesContext(connection) as captured:
        answer = operator.get(f"{RUNS}?_facets=True")
    counts = [each["sql"] for each in captured if "COUNT(" in each["sql"].upper()]
    assert "Show counts" not in answer.text
    assert len(counts) == 1
    assert f"LIMIT {keyset.MOST}" in counts[0]


@pytest.mark.parametrize("query", ["before=nonsense", "after=-", "before=²"])
def test_what_is_no_key_of_numbered_rows_is_a_bad_filter(operator, query):
    answer = operator.get(f"{BINDS}?{query}")
    assert (answer.status_code, answer.url) == (302, f"{BINDS}?e=1")


def test_a_key_beyond_all_numbers_finds_all_or_nothing(operator, db):
    credential = make_carrier(Organization.objects.create(name="Acme")).credential
    change = BindChange.objects.create(credential=credential, state="bound", at=timezone.now())
    assert shown(page(operator, f"?before={9**30}", BINDS)) == [change.pk]


def test_the_count_ends_at_the_limit_and_says_so(operator, runs, monkeypatch):
    monkeypatch.setattr(keyset, "MOST", 5)
    answer = operator.get(RUNS)
    assert answer.context["cl"].result_count == 5
    assert "At least" in answer.text
    assert shown(page(operator, page(operator).older)) == runs[3:6]


def test_a_list_that_is_paged_by_number_counts_once_and_as_little(operator, monkeypatch):
    monkeypatch.setattr(keyset, "MOST", 5)
    with CaptureQueriesContext(connection) as captured:
        answer = operator.get("/admin/reconciler/placement/")
    counts = [each["sql"] for each in captured if "COUNT(" in each["sql"].upper()]
    assert answer.status_code == 200
    assert all("LIMIT 5" in each for each in counts)
    assert len(counts) == 1


def test_bind_changes_of_a_time_are_found_by_their_numbers(operator, db):
    credential = make_carrier(Organization.objects.create(name="Acme")).credential
    now = timezone.now()
    told = [now - timedelta(hours=hours) for hours in (30, 20, 20, 2, 0)]
    rows = [BindChange.objects.create(credential=credential, state="bound", at=at) for at in told]

    def between(first: float, last: float) -> list[str]:
        span = "/".join(
            f"{now - timedelta(hours=each):%Y-%m-%dT%H:%M:%S%z}" for each in (first, last)
        )
        return shown(page(operator, f"?created={span}".replace("+", "%2B"), BINDS))

    assert between(25, 1) == [row.pk for row in rows[3:0:-1]]
    assert between(60, 25) == [rows[0].pk]
    assert between(19, 3) == between(90, 60) == []
    assert shown(page(operator, "?created=hour", BINDS)) == [rows[4].pk]
    assert shown(page(operator, "?created=day", BINDS)) == [row.pk for row in rows[:0:-1]]


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_time_at_the_ends_of_the_calendar_finds_nothing(operator, db, year):
    query = f"?created={year}-01-01T00:00:00Z/{year}-12-31T23:59:59Z"
    assert shown(page(operator, query, BINDS)) == []
