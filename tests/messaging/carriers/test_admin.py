from __future__ import annotations

import pytest
from django.test import Client

from orbit.accounts.models import User
from tests.messaging.carriers.conftest import stored

BASE = "/admin/messaging/carrier/"


@pytest.fixture
def operator(db) -> Client:
    client = Client()
    person = User.objects.create(email="op@example.com", is_staff=True, is_superuser=True)
    client.force_login(person)
    return client


def test_the_pages_show_a_carrier(api, operator):
    carrier_id = api.add(name="Orange FR")
    for path in ("", f"{carrier_id}/change/", "?q=orange", "?enabled__exact=1"):
        page = operator.get(BASE + path)
        assert page.status_code == 200
        assert "Orange FR" in page.content.decode()


def test_the_list_says_whom_it_serves_and_what_it_costs(api, operator):
    api.add(countries=["FR", "MC"], billing_rate="0.00450", currency="EUR")
    page = operator.get(BASE).content.decode()
    assert "FR, MC" in page
    assert "0.0045 EUR" in page


def test_nothing_can_be_changed(api, operator):
    carrier_id = api.add()
    assert operator.get(f"{BASE}add/").status_code == 403
    assert operator.post(f"{BASE}{carrier_id}/change/", {"name": "x"}).status_code == 403
    assert operator.post(f"{BASE}{carrier_id}/delete/", {"post": "yes"}).status_code == 403
    assert stored(carrier_id).version == 1
