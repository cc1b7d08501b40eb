"""Administrators say from where keys may be used, and until when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from orbit.accounts.actors import SYSTEM
from orbit.accounts.api_keys import services as api_keys
from orbit.accounts.models import ApiKey, AuditEvent, Organization
from tests.factories import make_api_key, make_operator_key, make_organization
from tests.orbit.console.conftest import last_event

pytestmark = pytest.mark.django_db

ELSEWHERE = "198.51.100.0/24"


def key_path(key: ApiKey) -> str:
    return f"/admin/console/keys/{key.pk}/limits/"


def organization_path(organization: Organization) -> str:
    return f"/admin/console/organizations/{organization.pk}/addresses/"


def test_an_organisations_addresses_hold_at_once_and_are_shown(administrator):
    new = make_api_key()
    organization = new.key.organization
    path = organization_path(organization)

    shown = administrator.post(path, {"allowed_ips": f"{ELSEWHERE}, 2001:db8::/48"}, follow=True)

    assert f"{ELSEWHERE}, 2001:db8::/48" in shown.text
    assert Client(headers={"X-API-Key": new.secret}).get("/v1/me").status_code == 403
    event = last_event()
    assert (event.action, event.target) == ("organization.updated", organization.pk)
    assert event.changes == ["allowed_ips"]
    assert ELSEWHERE in administrator.get(path).text

    administrator.post(path, {"allowed_ips": ""})
    organization.refresh_from_db()
    assert organization.allowed_ips == []


def test_what_is_no_address_is_said_at_the_field(administrator):
    organization = make_organization()
    answer = administrator.post(organization_path(organization), {"allowed_ips": "anywhere"})
    assert "Is no address and no CIDR." in answer.text
    organization.refresh_from_db()
    assert organization.allowed_ips == []


def test_a_key_gets_another_end_and_other_addresses(administrator):
    key = make_api_key().key

    shown = administrator.post(
        key_path(key), {"allowed_ips": ELSEWHERE, "expires_in": "30d"}, follow=True
    )

    key.refresh_from_db()
    assert key.allowed_ips == [ELSEWHERE]
    assert timedelta(days=29) < key.expires_at - timezone.now() <= timedelta(days=30)
    assert ELSEWHERE in shown.text
    assert last_event().action == "api_key.updated"
    assert sorted(last_event().changes) == ["allowed_ips", "expires_at"]


def test_what_is_left_as_it_is_stays(administrator):
    key = make_api_key().key
    administrator.post(key_path(key), {"allowed_ips": ELSEWHERE, "expires_in": "30d"})
    key.refresh_from_db()
    before = key.expires_at

    administrator.post(key_path(key), {"allowed_ips": ELSEWHERE, "expires_in": ""})

    key.refresh_from_db()
    assert key.expires_at == before
    assert last_event().changes == []


def test_an_operator_key_has_limits_too(administrator):
    new = make_operator_key()
    administrator.post(key_path(new.key), {"allowed_ips": ELSEWHERE, "expires_in": ""})
    assert Client(headers={"X-API-Key": new.secret}).get("/v1/me").status_code == 403


def test_a_key_that_a_key_made_stays_within_its_limits(administrator):
    parent = make_api_key(allowed_ips=[ELSEWHERE]).key
    with transaction.atomic():
        child = api_keys.create(
            by=SYSTEM,
            organization=parent.organization,
            name="Child",
            scopes=["credentials:read"],
            own_scopes=frozenset(parent.scopes),
            made_by_id=parent.made_by_id,
            parent=parent,
        ).key

    answer = administrator.post(key_path(child), {"allowed_ips": "203.0.113.0/24"})

    assert "The key that made this one" in answer.text
    child.refresh_from_db()
    assert child.allowed_ips == [ELSEWHERE]


def test_a_revoked_key_is_left_alone(administrator):
    key = make_api_key().key
    ApiKey.objects.update(revoked_at=timezone.now())
    assert "revoked" in administrator.post(key_path(key), {"allowed_ips": ELSEWHERE}).text
    key.refresh_from_db()
    assert key.allowed_ips == []


def test_an_operator_who_is_no_administrator_may_not_and_it_is_audited(operator):
    key = make_api_key().key
    for path, action in (
        (key_path(key), "api_key.updated"),
        (organization_path(key.organization), "organization.updated"),
    ):
        assert operator.post(path, {"allowed_ips": ELSEWHERE}).status_code == 403
        assert AuditEvent.objects.filter(action=action, outcome="refused").exists()
