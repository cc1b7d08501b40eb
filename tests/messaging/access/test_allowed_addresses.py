"""From where the access's system_id may bind."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import make_member, make_session
from tests.messaging.access.conftest import URL, audit_rows, stored
from tests.messaging.callers import data, refusal

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_without_a_list_it_is_anywhere(api):
    assert data(api.get())["allowed_ips"] == []


def test_a_list_is_kept_and_reaches_the_gateway(api, organization, pushes):
    api.get()
    before = api.get()["ETag"]
    with pushes() as pushed:
        answer = api.change(allowed_ips=["198.51.100.7", "2001:db8::/48"])

    assert data(answer)["allowed_ips"] == ["198.51.100.7", "2001:db8::/48"]
    assert data(answer)["sync"]["state"] == "pending"
    assert answer["ETag"] != before
    assert pushed == [organization.id]
    assert stored(organization).allowed_ips == ["198.51.100.7", "2001:db8::/48"]
    assert audit_rows()[-1].changes == ["allowed_ips"]


@pytest.mark.parametrize("wider", [[], ["198.51.0.0/16"], ["198.51.100.7", "203.0.113.9"]])
def test_a_key_takes_in_no_further_addresses_and_a_person_does(api, organization, wider):
    """A stolen one would open the way to where its thief is."""
    api.change(allowed_ips=["198.51.100.0/24"])
    refusal(api.change(allowed_ips=wider), 403, "INSUFFICIENT_PERMISSIONS")
    assert data(api.change(allowed_ips=["198.51.100.7"]))["allowed_ips"] == ["198.51.100.7"]

    token = make_session(make_member(organization)).access
    person = Client(headers={"Authorization": f"Bearer {token}"})
    answer = person.patch(URL, {"allowed_ips": wider}, content_type="application/json")
    assert data(answer)["allowed_ips"] == wider


@pytest.mark.parametrize(
    "wrong", ["anything", "198.51.100.300", "198.51.100.0/33", "fe80::1%eth0", "::1%a,b"]
)
def test_what_is_no_address_is_refused(api, wrong):
    error = refusal(api.change(allowed_ips=[wrong]), 422, "VALIDATION_ERROR")
    assert error["details"]["field"].startswith("allowed_ips")


def test_a_hundred_are_enough(api):
    many = [f"198.51.100.{number}" for number in range(101)]
    refusal(api.change(allowed_ips=many), 422, "VALIDATION_ERROR")
