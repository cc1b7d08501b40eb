"""A key that makes or renews keys gives none that is good for longer, or from elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from orbit.accounts.actors import SYSTEM
from orbit.accounts.api_keys import services as api_keys
from orbit.accounts.models import ApiKey, AuditEvent
from tests.factories import make_api_key, make_member, make_session

pytestmark = pytest.mark.django_db

URL = "/v1/settings/api-keys"


def sent_by(secret: str) -> Client:
    return Client(headers={"X-API-Key": secret}, REMOTE_ADDR="198.51.100.7")


@pytest.fixture
def member():
    return make_member()


@pytest.fixture
def bounded(member):
    """A key that expires in ten days and is used from one network."""
    end = timezone.now() + timedelta(days=10)
    return make_api_key(member=member, expires_at=end, allowed_ips=["198.51.100.0/24"])


def make(secret: str, **body):
    body = {"name": "Child", "scopes": ["credentials:read"]} | body
    return sent_by(secret).post(URL, body, content_type="application/json")


@pytest.mark.parametrize("expires_in", ["never", "1y"])
def test_a_child_ends_with_its_parent_and_has_its_addresses(bounded, expires_in):
    data = make(bounded.secret, expires_in=expires_in).json()["data"]

    child = ApiKey.objects.get(pk=data["id"])
    assert child.expires_at == bounded.key.expires_at
    assert data["allowed_ips"] == ["198.51.100.0/24"]
    assert data["made_by_key"] == bounded.key.pk


def test_a_child_may_be_narrower(bounded):
    answer = make(bounded.secret, allowed_ips=["198.51.100.9"])
    assert answer.json()["data"]["allowed_ips"] == ["198.51.100.9"]


@pytest.mark.parametrize("wider", ["203.0.113.1", "198.51.0.0/16", "2001:db8::1", "0.0.0.0/0"])
def test_addresses_outside_are_refused(bounded, wider):
    answer = make(bounded.secret, allowed_ips=["198.51.100.9", wider])

    assert answer.status_code == 403
    assert answer.json()["error"]["details"]["field"] == "allowed_ips"
    assert ApiKey.objects.count() == 1


def test_a_person_makes_keys_without_these_limits(member):
    token = make_session(member).access
    client = Client(headers={"Authorization": f"Bearer {token}"})
    body = {"name": "Free", "scopes": ["credentials:read"]}

    data = client.post(URL, body, content_type="application/json").json()["data"]

    assert (data["expires_at"], data["allowed_ips"], data["made_by_key"]) == (None, [], None)


def test_a_key_gives_no_new_secret_to_one_with_wider_limits(member, bounded):
    free = make_api_key(member=member)

    statuses = [
        sent_by(bounded.secret)
        .post(f"{URL}/{key.pk}/rotate", content_type="application/json")
        .status_code
        for key in (free.key, bounded.key)
    ]

    assert statuses == [403, 200]


@pytest.mark.parametrize("path", [URL, f"{URL}/{{}}/rotate"])
def test_a_key_that_is_revoked_while_it_asks_gets_none(member, bounded, monkeypatch, path):
    """Else who revokes a stolen key with its children would miss the one under way."""
    limits = {"expires_at": bounded.key.expires_at, "allowed_ips": ["198.51.100.9"]}
    other = make_api_key(member=member, **limits)
    find, old = api_keys.find, other.key.secret_hash

    def found_and_revoked(secret: str) -> ApiKey:
        key = find(secret)
        with transaction.atomic():
            api_keys.revoke(by=SYSTEM, key=ApiKey.objects.get(pk=key.pk), with_children=True)
        return key

    monkeypatch.setattr(api_keys, "find", found_and_revoked)
    body = {"name": "Child", "scopes": ["credentials:read"]} if path == URL else {}
    client = sent_by(bounded.secret)
    answer = client.post(path.format(other.key.pk), body, content_type="application/json")

    assert answer.status_code == 401
    assert list(ApiKey.objects.filter(revoked_at=None)) == [other.key]
    assert ApiKey.objects.get(pk=other.key.pk).secret_hash == old


class TestRevoked:
    @pytest.fixture
    def family(self, member):
        parent = make_api_key(member=member)
        scopes = ["credentials:read", "api_keys:write"]
        child = make(parent.secret, scopes=scopes).json()["data"]
        grandchild = make(child["key"]).json()["data"]
        return parent, child["id"], grandchild["id"]

    def test_a_key_names_what_came_of_it(self, family):
        parent, *children = family
        data = sent_by(parent.secret).get(f"{URL}/{parent.key.pk}").json()["data"]
        assert data["children"] == children

    def test_the_children_that_live_on_are_named(self, family, member):
        parent, *children = family
        other = make_api_key(member=member)

        answer = sent_by(other.secret).delete(f"{URL}/{parent.key.pk}")

        assert (answer.status_code, answer.content) == (204, b"")
        assert answer["X-Living-Children"] == ", ".join(children)
        assert ApiKey.objects.filter(pk__in=children, revoked_at=None).count() == 2

    def test_they_are_taken_along_if_asked_for(self, family, member):
        parent, *children = family
        other = make_api_key(member=member)

        answer = sent_by(other.secret).delete(f"{URL}/{parent.key.pk}?children=revoke")

        assert answer.status_code == 204
        assert "X-Living-Children" not in answer
        assert not ApiKey.objects.filter(pk__in=children, revoked_at=None).exists()
        rows = AuditEvent.objects.filter(action="api_key.revoked").order_by("seq")
        assert [row.target for row in rows] == [parent.key.pk, *children]

    def test_a_revoked_child_does_not_hide_its_own(self, family):
        parent, child, grandchild = family
        sent_by(parent.secret).delete(f"{URL}/{child}")
        data = sent_by(parent.secret).get(f"{URL}/{parent.key.pk}").json()["data"]
        assert data["children"] == [grandchild]
