"""From where the API keys of an organisation may be used."""

from __future__ import annotations

import pytest
from django.test import Client

from orbit.accounts.models import AuditEvent
from tests.factories import make_api_key, make_member, make_operator_key, make_session

pytestmark = pytest.mark.django_db

PATH = "/v1/settings/allowed-addresses"
HOME, AWAY = "198.51.100.7", "203.0.113.9"


@pytest.fixture
def owner():
    return make_member()


def by_key(member, address: str = HOME, **options) -> Client:
    key = make_api_key(member=member, **options)
    return Client(headers={"X-API-Key": key.secret}, REMOTE_ADDR=address)


def by_login(member, address: str = HOME) -> Client:
    access = make_session(member).access
    return Client(headers={"Authorization": f"Bearer {access}"}, REMOTE_ADDR=address)


def allow(client: Client, *allowed: str, **headers: str):
    body = {"allowed_ips": list(allowed)}
    return client.patch(PATH, body, content_type="application/json", headers=headers)


def error(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_keys_may_be_used_from_anywhere_until_it_says_so(owner):
    assert by_key(owner).get(PATH).json()["data"] == {"allowed_ips": []}
    assert by_key(owner, AWAY).get("/v1/me").status_code == 200


def test_every_key_of_the_organisation_is_held_to_it(owner):
    assert allow(by_key(owner), "198.51.100.0/24").status_code == 200
    assert by_key(owner).get("/v1/me").status_code == 200
    for options in ({}, {"allowed_ips": [AWAY]}):
        assert error(by_key(owner, AWAY, **options).get("/v1/me")) == (403, "IP_NOT_ALLOWED")


def test_a_key_s_own_addresses_hold_as_well(owner):
    allow(by_key(owner), "198.51.100.0/24")
    narrow = by_key(owner, "198.51.100.8", allowed_ips=[HOME])
    assert error(narrow.get("/v1/me")) == (403, "IP_NOT_ALLOWED")


def test_people_and_others_are_not_held_to_it(owner):
    allow(by_key(owner), HOME)
    assert by_login(owner, AWAY).get("/v1/me").status_code == 200
    assert by_key(make_member(), AWAY).get("/v1/me").status_code == 200
    operator = Client(headers={"X-API-Key": make_operator_key().secret}, REMOTE_ADDR=AWAY)
    assert operator.get("/v1/me").status_code == 200


def test_a_key_can_t_lock_itself_out(owner):
    refused = allow(by_key(owner), "203.0.113.0/24")
    assert error(refused) == (422, "VALIDATION_ERROR")
    assert refused.json()["error"]["details"]["field"] == "allowed_ips"
    assert by_key(owner).get(PATH).json()["data"] == {"allowed_ips": []}


@pytest.mark.parametrize("wider", [(), ("198.51.0.0/16",), (HOME, AWAY)])
def test_a_key_takes_in_no_further_addresses(owner, wider):
    """A stolen one would open itself the way to where its thief is."""
    assert allow(by_login(owner), "198.51.100.0/24").status_code == 200
    assert error(allow(by_key(owner), *wider)) == (403, "INSUFFICIENT_PERMISSIONS")
    assert allow(by_key(owner), HOME).status_code == 200
    assert by_key(owner).get(PATH).json()["data"] == {"allowed_ips": [HOME]}


def test_a_person_can_take_it_back_from_anywhere(owner):
    assert allow(by_login(owner), "203.0.113.0/24").status_code == 200
    assert by_key(owner).get("/v1/me").status_code == 403
    assert allow(by_login(owner)).status_code == 200
    assert by_key(owner).get("/v1/me").status_code == 200


@pytest.mark.parametrize("role", ["developer", "viewer"])
def test_owners_and_admins_alone_change_it(role):
    assert error(allow(by_login(make_member(role=role)), HOME)) == (
        403,
        "INSUFFICIENT_PERMISSIONS",
    )


@pytest.mark.parametrize("bad", ["10.0.0.0/33", "home", "", "1.2.3.4\0"])
def test_what_is_no_address_is_refused(owner, bad):
    assert error(allow(by_key(owner), HOME, bad))[0] == 422


def test_an_old_version_is_refused(owner):
    tag = by_key(owner).get(PATH)["ETag"]
    assert allow(by_key(owner), HOME, **{"If-Match": tag}).status_code == 200
    assert error(allow(by_key(owner), **{"If-Match": tag})) == (412, "PRECONDITION_FAILED")


def test_changes_are_audited(owner):
    allow(by_key(owner), HOME)
    row = AuditEvent.objects.filter(action="organization.updated").get()
    assert (row.organization_id, row.changes) == (owner.organization_id, ["allowed_ips"])
    assert row.address == HOME
