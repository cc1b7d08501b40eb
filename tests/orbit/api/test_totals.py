"""Totals of lists: counted so far, and what the database expects beyond."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orbit.accounts.models import AuditEvent, Organization
from orbit.api import totals
from orbit.api.totals import Total, total
from tests.factories import make_api_key, make_member, make_organization

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

URL = "/v1/settings/api-keys"


@pytest.fixture
def few(monkeypatch) -> None:
    monkeypatch.setattr(totals, "EXACT", 3)


def organizations(count: int) -> None:
    for _ in range(count):
        make_organization("Counted")


@pytest.mark.parametrize("count", [0, 2, 3])
def test_few_are_counted(few, count):
    organizations(count)
    assert total(Organization.objects.filter(name="Counted")) == Total(count)


def test_more_are_estimated_from_statistics_and_never_as_fewer(few):
    organizations(5)
    found = total(Organization.objects.filter(name="Counted"))
    if connection.vendor == "postgresql":
        assert found.is_estimate
        assert found.count >= 4
    else:
        assert found == Total(5)


def test_an_estimate_is_near_once_the_table_was_analyzed(few):
    organizations(50)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE accounts_organization")
    assert 45 <= total(Organization.objects.filter(name="Counted")).count <= 55
    named_otherwise = Organization.objects.filter(name="Nobody")
    many = total(Organization.objects.filter(name="Counted"), like=named_otherwise)
    assert many.count == (4 if connection.vendor == "postgresql" else 50)


def test_no_more_rows_are_counted_than_an_exact_total_may_have(few):
    organizations(9)
    with CaptureQueriesContext(connection) as captured:
        total(Organization.objects.filter(name="Counted"))
    assert "LIMIT 4" in captured[0]["sql"]


def test_a_list_says_so(api, key, few):
    member = make_member(key.key.organization)
    for _ in range(5):
        make_api_key(member=member)
    pagination = api.get(URL, {"limit": 2}).json()["meta"]["pagination"]
    assert pagination["total"] >= 4
    assert pagination["total_is_estimate"] is (connection.vendor == "postgresql")
    assert api.get(URL, {"limit": 10}).json()["meta"]["pagination"] == {
        "cursor": None,
        "has_more": False,
        "total": 6,
        "total_is_estimate": False,
    }


def test_a_list_that_fits_its_page_is_not_counted(api, key):
    with CaptureQueriesContext(connection) as captured:
        api.get("/v1/audit-events", {"action": "nothing.of.the.kind"})
    table = AuditEvent._meta.db_table
    assert sum(table in query["sql"] for query in captured) == 1
