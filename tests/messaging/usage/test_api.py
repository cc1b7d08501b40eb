"""`GET /v1/usage`."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from messaging.carriers.models import Carrier
from messaging.usage.folding import fold
from tests.factories import make_organization
from tests.messaging.callers import Caller, data, refusal
from tests.messaging.usage.conftest import record

pytestmark = pytest.mark.sqlite

DAY = "2026-03-08"


class Usage(Caller):
    url = "/v1/usage"


@pytest.fixture
def api(organization) -> Usage:
    return Usage(organization)


@pytest.fixture
def used(organization, carrier: Carrier) -> Carrier:
    """On one day: four messages to two countries in two currencies, one of which failed."""
    at = timezone.datetime.fromisoformat(f"{DAY}T10:20:00+00:00")
    own = {"organization_id": organization.pk, "carrier_id": carrier.pk, "minute": at}
    euros = {"amount": Decimal("0.0125"), "currency": "EUR", "segments": 1}
    record(**own, **euros, country="FR", sender_type="long_code", status="delivered")
    record(**own, **euros, country="FR", sender_type="alphanumeric", status="sent")
    dollars = {"amount": Decimal("0.5"), "currency": "USD", "segments": 2}
    record(**own | {"minute": at + timedelta(hours=2)}, **dollars, country="US", status="delivered")
    record(organization_id=organization.pk, minute=at, status="failed", segments=1)
    record(organization_id=make_organization().pk, minute=at, status="delivered")
    return carrier


ASKED = f"?from={DAY}&to=2026-03-09"


def test_by_day_with_the_cost_in_each_currency(api, used):
    found = data(api.get(ASKED))

    cost = [{"amount": "0.025", "currency": "EUR"}, {"amount": "0.5", "currency": "USD"}]
    sums = {"messages": 4, "segments": 5, "cost": cost}
    assert found == {
        "from": f"{DAY}T00:00:00Z",
        "to": "2026-03-09T00:00:00Z",
        "group_by": ["day"],
        "rows": [{"day": DAY} | sums],
        "total": sums,
    }


@pytest.mark.parametrize("is_folded", [False, True])
def test_by_anything(api, used, is_folded):
    if is_folded:
        fold()

    rows = data(api.get(f"{ASKED}&group_by=status,carrier,hour,country,sender"))["rows"]

    assert len(rows) == 4
    assert rows[1] == {
        "hour": f"{DAY}T10:00:00Z",
        "carrier_id": used.pk,
        "carrier": used.name,
        "country": "FR",
        "sender": "alphanumeric",
        "status": "sent",
        "messages": 1,
        "segments": 1,
        "cost": [{"amount": "0.0125", "currency": "EUR"}],
    }
    failed = rows[0]
    assert (failed["carrier_id"], failed["country"], failed["sender"]) == (None, None, None)
    assert (failed["status"], failed["cost"]) == ("failed", [])


def test_added_up_in_part_it_says_the_same(api, used):
    before = data(api.get(f"{ASKED}&group_by=country,status"))
    fold()
    record(
        organization_id=used.organization_id,
        carrier_id=used.pk,
        minute=timezone.datetime.fromisoformat(f"{DAY}T10:20:00+00:00"),
        country="FR",
        sender_type="alphanumeric",
        status="sent",
        messages=-1,
        segments=-1,
        amount=Decimal("-0.0125"),
        currency="EUR",
    )

    after = data(api.get(f"{ASKED}&group_by=country,status"))

    gone = [row for row in before["rows"] if row["status"] == "sent"]
    assert [row for row in before["rows"] if row not in gone] == after["rows"]
    assert after["total"]["messages"] == before["total"]["messages"] - 1


def test_csv_has_a_line_for_each_group_and_currency(api, used):
    used.name = "=HYPERLINK()"
    used.save()
    answer = api.get(f"{ASKED}&group_by=day,carrier", Accept="text/csv")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["messages"], row["amount"], row["currency"]) for row in rows] == [
        ("1", "0", ""),
        ("2", "0.025", "EUR"),
        ("1", "0.5", "USD"),
    ]
    assert rows[1]["carrier_id"] == used.pk
    assert not rows[1]["carrier"].startswith("=")


def test_a_deleted_carrier_keeps_its_usage(api, used):
    carrier_id = used.pk
    used.delete()

    rows = data(api.get(f"{ASKED}&group_by=carrier"))["rows"]

    assert {(row["carrier_id"], row["carrier"]) for row in rows} == {
        (None, None),
        (carrier_id, None),
    }


def test_times_are_taken_out_to_whole_hours(api, used):
    found = data(api.get(f"?from={DAY}T10:59:59Z&to={DAY}T12:00:01Z"))

    assert (found["from"], found["to"]) == (f"{DAY}T10:00:00Z", f"{DAY}T13:00:00Z")
    assert found["total"]["messages"] == 4
    assert data(api.get(f"?from={DAY}&to={DAY}T12:00:00Z"))["total"]["messages"] == 3


def test_without_times_it_is_the_last_30_days(api, organization):
    record(organization_id=organization.pk, minute=timezone.now(), status="sent")
    record(
        organization_id=organization.pk, minute=timezone.now() - timedelta(days=31), status="sent"
    )

    assert data(api.get())["total"]["messages"] == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?group_by=day,hour", "group_by"),
        ("?group_by=day,day", "group_by"),
        ("?group_by=number", "group_by"),
        ("?from=2026-03-09&to=2026-03-08", "to"),
        ("?from=2025-03-09&to=2026-03-08", "to"),
        ("?to=0001-01-05", "to"),  # 30 days before it there is no time
        ("?to=9999-12-31T23:30:00Z", "to"),  # nor is there an hour after it
        ("?from=yesterday", "from"),
        ("?to=0001-01-01", "to"),
        ("?to=9999-12-31T23:30:00Z", "to"),
        ("?start=2026-03-09", "start"),
    ],
)
def test_what_makes_no_sense_is_refused(api, query, field):
    assert refusal(api.get(query), 422, "VALIDATION_ERROR")["details"]["field"] == field


def test_too_many_rows_are_refused(api, used, settings):
    settings.USAGE_ROWS = 3  # a currency is one

    assert len(data(api.get(f"{ASKED}&group_by=day"))["rows"]) == 1
    error = refusal(api.get(f"{ASKED}&group_by=status,country"), 422, "VALIDATION_ERROR")
    assert "more than 3 rows" in error["message"]


def test_it_needs_the_scope(organization):
    refusal(Usage(organization, scopes=["messages:read"]).get(), 403, "INSUFFICIENT_PERMISSIONS")
    assert Usage(organization, role="billing", scopes=["usage:read"]).get().status_code == 200
