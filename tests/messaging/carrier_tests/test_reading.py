"""GET …/tests and …/tests/{id}."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.carrier_tests.models import CarrierTest
from messaging.carrier_tests.retention import prune_tests
from messaging.carriers.models import Carrier
from orbit.operations import retention
from tests.messaging.callers import data, refusal
from tests.messaging.carrier_tests.conftest import Api, rows


def make(carrier: Carrier, **fields) -> CarrierTest:
    """A test that has ended."""
    values = {"via": "direct", "to": "+33612345678", "sender": "ACME", "body": "hello"}
    ended = {"status": "delivered", "finished_at": timezone.now()}
    return CarrierTest.objects.create(
        carrier=carrier, credential=carrier.credential, **values | ended | fields
    )


def test_the_newest_come_first_in_full(api, carrier):
    made = [make(carrier).id for _ in range(3)]
    listed = data(api.get(f"/{carrier.id}/tests"))
    assert [test["id"] for test in listed] == made[::-1]
    assert listed[0] == api.read(made[2])


def test_pages(api, carrier):
    made = [make(carrier).id for _ in range(3)]
    first = api.get(f"/{carrier.id}/tests?limit=2").json()
    assert first["meta"]["pagination"]["total"] == 3
    cursor = first["meta"]["pagination"]["cursor"]
    second = api.get(f"/{carrier.id}/tests?limit=2&cursor={cursor}").json()
    assert [test["id"] for test in second["data"]] == made[:1]


def test_they_are_filtered_by_status(api, carrier):
    make(carrier)
    failed = make(carrier, status="failed").id
    listed = data(api.get(f"/{carrier.id}/tests?status=failed"))
    assert [test["id"] for test in listed] == [failed]
    error = refusal(api.get(f"/{carrier.id}/tests?status=lost"), 422, "VALIDATION_ERROR")
    assert error["details"]["field"] == "status"
    refusal(api.get(f"/{carrier.id}/tests?state=failed"), 422, "VALIDATION_ERROR")


def test_a_carrier_has_its_own_tests_only(api, carrier, organization, credential):
    other = Carrier.objects.create(
        organization=organization, credential=credential, name="US", countries=["US"]
    )
    test = make(other)
    assert data(api.get(f"/{carrier.id}/tests")) == []
    refusal(api.get(f"/{carrier.id}/tests/{test.id}"), 404, "NOT_FOUND")


@pytest.mark.parametrize("test_id", ["ctst_1", "x%00", "ctst_" + "0" * 32, "carr_" + "0" * 32])
def test_what_is_no_test_is_not_there(api, carrier, test_id):
    refusal(api.get(f"/{carrier.id}/tests/{test_id}"), 404, "NOT_FOUND")


def test_another_organisation_s_tests_are_not_there(stranger, carrier):
    test = make(carrier)
    refusal(stranger.get(f"/{carrier.id}/tests"), 404, "NOT_FOUND")
    refusal(stranger.get(f"/{carrier.id}/tests/{test.id}"), 404, "NOT_FOUND")


def test_who_may_look_may_look(organization, carrier):
    test = make(carrier)
    viewer = Api(organization, carrier, role="viewer")
    assert viewer.get(f"/{carrier.id}/tests").status_code == 200
    assert viewer.read(test.id)["id"] == test.id
    tester = Api(organization, carrier, scopes=["carriers:test"])
    refusal(tester.get(f"/{carrier.id}/tests"), 403, "INSUFFICIENT_PERMISSIONS")


def test_old_ones_are_forgotten(carrier, settings):
    settings.RETENTION_MESSAGES_DAYS = 30
    old, young = make(carrier), make(carrier)
    moment = timezone.now() - timedelta(days=30, minutes=1)
    CarrierTest.objects.filter(pk=old.pk).update(created_at=moment)
    assert retention._pruners["carrier_tests"] is prune_tests
    assert prune_tests() == 1
    assert [test.pk for test in rows()] == [young.pk]
