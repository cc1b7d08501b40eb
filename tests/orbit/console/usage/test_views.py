"""The page Usage."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.messaging.usage.conftest import record

PAGE = "/admin/console/usage/"


@pytest.fixture
def used(carrier):
    own = {"organization_id": carrier.organization_id, "carrier_id": carrier.pk, "country": "FR"}
    cost = {"amount": Decimal("0.0125"), "currency": "EUR", "segments": 1}
    for hours in (1, 5):
        at = timezone.now() - timedelta(hours=hours)
        record(**own, **cost, minute=at, status="delivered", messages=1234)
    record(organization_id=carrier.organization_id, minute=timezone.now(), status="failed")
    return carrier


def test_it_has_the_sums_a_table_and_a_chart_by_status(operator, used):
    text = operator.get(PAGE).text

    for said in ("2,469 messages", "0.025 EUR", "2,468 delivered", "1 failed", "<svg"):
        assert said in text


def test_it_is_grouped_as_asked(operator, used):
    asked = {"by": "carrier", "then": "status", "organization": "acme travel"}
    text = operator.get(PAGE, asked).text

    for said in ("Orange", "no carrier", ">delivered<", ">failed<"):
        assert said in "".join(text.split("\n"))


def test_another_organisation_has_its_own(operator, used, sign_in):
    from_elsewhere = {"by": "day", "organization": "nobody"}
    assert "There is none" in operator.get(PAGE, from_elsewhere).text


def test_the_table_is_a_file_too(operator, used):
    answer = operator.get(PAGE, {"by": "status", "csv": "1"})

    assert answer["Content-Type"].startswith("text/csv")
    assert "delivered,2468,2,0.025,EUR" in answer.text


@pytest.mark.parametrize(
    "asked",
    [{"by": "day", "start": "soon"}, {"by": "day", "then": "hour"}, {"by": "number"}],
)
def test_a_fault_is_told(operator, asked):
    assert "oc-error" in operator.get(PAGE, asked).text


def test_months_are_drawn_by_day_and_days_by_hour(operator, used):
    assert "a day" in operator.get(PAGE).text
    today = f"{timezone.now() - timedelta(days=1):%Y-%m-%d}"
    assert "an hour" in operator.get(PAGE, {"by": "hour", "start": today}).text


def test_it_is_for_staff_with_a_role(sign_in, client):
    assert sign_in("Read only").get(PAGE).status_code == 200
    assert client.get(PAGE).status_code == 302


def test_more_rows_than_a_page_holds_are_refused_with_advice(operator, used, settings):
    settings.USAGE_ROWS = 1
    text = operator.get(PAGE, {"by": "status"}).text

    assert "ask for a shorter time, or group by fewer things" in text
    assert "2,468" not in text


def test_of_too_many_carriers_there_is_one_chart_of_all_messages(operator, carrier, settings):
    settings.USAGE_ROWS = 1
    own = {"organization_id": carrier.organization_id, "minute": timezone.now()}
    for carrier_id in (carrier.pk, "carr_of_before"):
        record(**own, carrier_id=carrier_id, status="delivered", messages=1000)

    answer = operator.get(PAGE, {"by": "status"})

    (chart,) = answer.context["charts"]
    assert (chart["name"], chart["total"]) == ("All messages", 2000)
