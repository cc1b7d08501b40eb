"""Tests of carriers are searched by their id, by carriers and by numbers."""

from __future__ import annotations

import pytest
from django.test import Client

from messaging.carrier_tests.models import CarrierTest

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _scenery(build_once) -> None:
    build_once(8)


def found(client: Client, term: str) -> set[str]:
    answer = client.get("/admin/messaging/carriertest/", {"q": term})
    return {each.pk for each in answer.context["cl"].queryset}


def test_an_id_finds_its_own_test(operator):
    test = CarrierTest.objects.first()
    assert found(operator, f" {test.pk} ") == {test.pk}
    assert found(operator, f"{test.pk}0") == set()


def test_a_part_of_a_carriers_name_finds_its_tests(operator):
    carrier = CarrierTest.objects.exclude(carrier=None).first().carrier
    type(carrier).objects.filter(pk=carrier.pk).update(name="Northern Lights")
    mine = set(carrier.tests.values_list("pk", flat=True))
    assert found(operator, "northern") == mine
    assert found(operator, carrier.pk) == mine
