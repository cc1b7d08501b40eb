"""`GET …/carriers/{id}/quality`, `quality_mode`, and what the routes say."""

from __future__ import annotations

import pytest

from messaging.carriers.models import Carrier
from messaging.quality.evaluation import evaluate
from messaging.quality.models import CarrierStanding
from messaging.usage.folding import fold
from tests.factories import make_organization
from tests.messaging.callers import data, refusal
from tests.messaging.carriers.conftest import Api, Routes
from tests.messaging.quality.conftest import count

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
FRANCE = "?destination=%2B33639980001"


@pytest.fixture
def api(organization) -> Api:
    return Api(organization)


@pytest.fixture
def stranger(db) -> Api:
    return Api(make_organization())


def test_the_figures_of_a_carrier(api, carrier, second, falls):
    falls()
    count(carrier, "undelivered", 50, code="UNDELIV 001", sender_type="alphanumeric")
    count(carrier, "refused", 7, code="ESME_RTHROTTLED")
    count(carrier, "waiting", 3, ago=0)  # fresh
    fold()
    evaluate()

    found = data(api.get(f"/{carrier.pk}/quality"))

    assert (found["quality_mode"], found["window"], found["has_receipts"]) == (
        "enforce",
        "15m",
        True,
    )
    assert [(row["country"], row["sender"]) for row in found["rows"]] == [
        ("FR", "*"),
        ("FR", "alphanumeric"),
        ("FR", "long_code"),
    ]
    row = found["rows"][0]
    assert (row["level"], row["delivery_rate"], row["sample"]) == ("critical", 40.0, 1000)
    assert (row["accepted"], row["number_faults"], row["refused_busy"]) == (1050, 50, 7)
    assert row["receipt_seconds"] == {"median": 3.0, "p95": 3.0}
    assert row["codes"][0] == {
        "outcome": "undelivered",
        "code": "UNDELIV",
        "carrier_code": "069",
        "count": 600,
        "fault": "carrier",
        "meaning": "",
    }
    assert found["standings"][0]["level"] == "critical"
    assert (found["moves"][0]["after"], found["moves"][0]["evidence"]["rate"]) == ("critical", 40.0)


def test_a_day_has_all_but_the_fresh_ones(api, carrier, falls):
    falls()
    count(carrier, "waiting", 3, ago=0)
    fold()

    row = data(api.get(f"/{carrier.pk}/quality?window=24h"))["rows"][0]

    assert (row["accepted"], row["no_receipt"]) == (1300, 0)


def test_a_carrier_without_messages_has_no_figures(api, carrier):
    found = data(api.get(f"/{carrier.pk}/quality"))

    assert (found["rows"], found["standings"], found["moves"]) == ([], [], [])


def test_another_organisations_is_not_found(stranger, carrier):
    refusal(stranger.get(f"/{carrier.pk}/quality"), 404, "NOT_FOUND")


def test_the_mode_is_written_and_off_forgets(api, carrier, second, falls):
    falls()
    evaluate()
    assert data(api.get(f"/{carrier.pk}"))["quality_mode"] == "enforce"

    answer = data(api.patch(f"/{carrier.pk}", {"quality_mode": "off"}))

    assert answer["quality_mode"] == "off"
    assert Carrier.objects.get(pk=carrier.pk).demotions == ""
    assert not CarrierStanding.objects.exists()
    refusal(api.patch(f"/{carrier.pk}", {"quality_mode": "strict"}), 422, "VALIDATION_ERROR")


def test_the_routes_say_the_numbers_behind_each_place(organization, carrier, second, falls):
    falls()
    evaluate()

    first, last = data(Routes(organization).get(FRANCE))["carriers"]

    assert (first["id"], first["quality"]) == (second.pk, None)
    assert last["id"] == carrier.pk
    assert "stands behind all healthy ones" in last["reason"]
    assert last["quality"] == {
        "delivery_rate": 40.0,
        "sample": 1000,
        "receipt_seconds": {"median": 3.0, "p95": 3.0},
        "refused": 0,
        "suspicious": None,
    }


def test_the_place_of_a_carrier_is_the_one_it_is_tried_at(api, carrier, second, falls):
    falls()
    evaluate()

    places = data(api.get(f"/{carrier.pk}"))["routes"]

    assert {"country": "FR", "position": 2, "of": 2} in places
    assert {"country": "US", "position": 1, "of": 2} in places


def test_instant_receipts_are_suspicious(api, carrier):
    count(carrier, "delivered", 100, bucket=0)
    fold()

    row = data(api.get(f"/{carrier.pk}/quality"))["rows"][0]

    assert "faster than a phone" in row["suspicious"]
