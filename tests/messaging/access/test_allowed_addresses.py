"""From where the access's system_id may bind."""

from __future__ import annotations

import pytest

from tests.messaging.access.conftest import audit_rows, stored
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


def test_an_empty_list_opens_it_again(api, organization):
    api.change(allowed_ips=["198.51.100.7"])
    assert data(api.change(allowed_ips=[]))["allowed_ips"] == []


@pytest.mark.parametrize(
    "wrong", ["anything", "198.51.100.300", "198.51.100.0/33", "fe80::1%eth0", "::1%a,b"]
)
def test_what_is_no_address_is_refused(api, wrong):
    error = refusal(api.change(allowed_ips=[wrong]), 422, "VALIDATION_ERROR")
    assert error["details"]["field"].startswith("allowed_ips")


def test_a_hundred_are_enough(api):
    many = [f"198.51.100.{number}" for number in range(101)]
    refusal(api.change(allowed_ips=many), 422, "VALIDATION_ERROR")
