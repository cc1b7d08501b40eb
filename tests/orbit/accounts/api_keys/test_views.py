"""The table of roles and scopes, cell by cell; and /v1/settings/api-keys, which hands them out."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from orbit.accounts.models import ApiKey, AuditEvent
from orbit.accounts.scopes import ALL_SCOPES, ROLE_SCOPES, effective
from tests.factories import make_api_key, make_member, make_session

pytestmark = pytest.mark.django_db

URL = "/v1/settings/api-keys"

READS = {
    "credentials:read",
    "carriers:read",
    "sender_pools:read",
    "messages:read",
    "numbers:read",
    "opt_outs:read",
    "campaigns:read",
    "webhooks:read",
    "usage:read",
}
WRITES = {
    "credentials:write",
    "carriers:write",
    "carriers:test",
    "sender_pools:write",
    "messages:write",
    "numbers:write",
    "opt_outs:write",
    "campaigns:write",
    "webhooks:write",
}
TABLE = {
    "owner": READS
    | WRITES
    | {"credentials:reveal", "api_keys:read", "api_keys:write", "audit:read"},
    "admin": READS
    | WRITES
    | {"credentials:reveal", "api_keys:read", "api_keys:write", "audit:read"},
    "developer": READS | WRITES | {"api_keys:read", "api_keys:write"},
    "viewer": READS,
    "billing": READS,
}


@pytest.mark.parametrize("scope", ALL_SCOPES)
@pytest.mark.parametrize("role", TABLE)
def test_a_role_has_what_the_table_says(role, scope):
    assert (scope in ROLE_SCOPES[role]) is (scope in TABLE[role])
    assert (scope in effective([scope], role)) is (scope in TABLE[role])


def test_the_table_is_whole():
    assert set(TABLE) == set(ROLE_SCOPES)
    assert set().union(*TABLE.values()) == set(ALL_SCOPES)
    assert effective(ALL_SCOPES, "no such role") == frozenset()


def clients(role: str, organization=None) -> dict[str, Client]:
    """A session of the role, and a key with every scope that its maker of that role may give."""
    member = make_member(organization, role=role)
    access = make_session(member).access
    return {
        "session": Client(headers={"Authorization": f"Bearer {access}"}),
        "key": Client(headers={"X-API-Key": make_api_key(member=member).secret}),
    }


def create(client: Client, *scopes: str, **fields):
    body = {"name": "New", "scopes": list(scopes) or ["credentials:read"], **fields}
    return client.post(URL, body, content_type="application/json")


def error(response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


@pytest.mark.parametrize("kind", ["session", "key"])
@pytest.mark.parametrize("role", TABLE)
class TestRoutesByRole:
    def test_keys(self, role, kind):
        client = clients(role)[kind]
        allowed = "api_keys:write" in TABLE[role]
        assert create(client).status_code == (201 if allowed else 403)
        assert client.get(URL).status_code == (200 if allowed else 403)

    def test_audit(self, role, kind):
        allowed = "audit:read" in TABLE[role]
        response = clients(role)[kind].get("/v1/audit-events")
        assert response.status_code == (200 if allowed else 403)
        if not allowed:
            assert error(response) == (403, "INSUFFICIENT_PERMISSIONS")
            assert response.json()["error"]["details"] == {"required": "audit:read"}

    @pytest.mark.parametrize("scope", ALL_SCOPES)
    def test_a_maker_gives_no_scope_that_they_lack(self, role, kind, scope):
        client = clients(role)[kind]
        response = create(client, scope)
        if "api_keys:write" not in TABLE[role]:
            assert error(response) == (403, "INSUFFICIENT_PERMISSIONS")
        elif scope in TABLE[role]:
            assert response.json()["data"]["scopes"] == [scope]
        else:
            assert error(response) == (403, "INSUFFICIENT_PERMISSIONS")
            assert response.json()["error"]["details"] == {"required": [scope]}


class TestCreate:
    def test_gives_the_secret_once(self, api):
        response = create(api, "messages:write", expires_in="30d", allowed_ips=["10.0.0.0/8"])
        data = response.json()["data"]
        assert response.status_code == 201
        assert response["Location"] == f"{URL}/{data['id']}"
        assert response["Cache-Control"] == "no-store"
        assert data["key"].startswith(data["prefix"])
        assert data["prefix"].startswith("dv_live_sk_")
        assert len(data["prefix"]) == 16
        assert data["allowed_ips"] == ["10.0.0.0/8"]
        lifetime = parse(data["expires_at"]) - parse(data["created_at"])
        assert round(lifetime.total_seconds() / 86400) == 30

        again = api.get(response["Location"]).json()["data"]
        shown = {name: value for name, value in data.items() if name != "key"}
        assert again == {**shown, "children": []}
        assert data["key"] not in api.get(URL).content.decode()

    def test_the_key_works(self, api):
        secret = create(api, "audit:read").json()["data"]["key"]
        assert Client().get("/v1/audit-events", headers={"X-API-Key": secret}).status_code == 200
        assert Client().get(URL, headers={"X-API-Key": secret}).status_code == 403

    def test_is_in_the_audit_without_the_secret(self, api):
        data = create(api).json()["data"]
        event = AuditEvent.objects.get(target=data["id"])
        assert event.action == "api_key.created"
        assert set(event.changes) == {"name", "scopes", "allowed_ips", "expires_at"}
        assert data["key"] not in str(event.__dict__)

    @pytest.mark.parametrize("expires_in", ["30d", "90d", "1y", "never"])
    def test_every_lifetime(self, api, expires_in):
        data = create(api, expires_in=expires_in).json()["data"]
        assert (data["expires_at"] is None) is (expires_in == "never")

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "x" * 101}, "name"),
            ({"name": None}, "name"),
            ({"scopes": []}, "scopes"),
            ({"scopes": ["everything"]}, "scopes[0]"),
            ({"scopes": "credentials:read"}, "scopes"),
            ({"expires_in": "2d"}, "expires_in"),
            ({"expires_in": 30}, "expires_in"),
            ({"allowed_ips": ["10.0.0.0/33"]}, "allowed_ips[0]"),
            ({"allowed_ips": ["example.com"]}, "allowed_ips[0]"),
            ({"allowed_ips": ["10.0.0.1"] * 101}, "allowed_ips"),
            ({"is_operator": True}, "is_operator"),
            ({"organization_id": "org_1"}, "organization_id"),
        ],
    )
    def test_bad_fields_are_named(self, api, fields, field):
        response = create(api, **fields)
        assert error(response) == (422, "VALIDATION_ERROR")
        assert response.json()["error"]["details"]["field"] == field

    def test_a_key_without_scopes_is_refused(self, api):
        response = api.post(URL, {"name": "x"}, content_type="application/json")
        assert error(response) == (422, "MISSING_REQUIRED_FIELD")

    def test_a_key_makes_keys_in_the_name_of_its_own_maker(self):
        member = make_member(role="developer")
        client = Client(headers={"X-API-Key": make_api_key(member=member).secret})
        made = ApiKey.objects.get(pk=create(client).json()["data"]["id"])
        assert made.made_by_id == member.user_id

    def test_a_key_gives_only_scopes_of_its_own(self):
        key = make_api_key(role="owner", scopes=["api_keys:write", "messages:read"])
        client = Client(headers={"X-API-Key": key.secret})
        assert create(client, "messages:read").status_code == 201
        assert create(client, "messages:write").status_code == 403


def parse(text: str) -> datetime:
    return datetime.fromisoformat(text)


class TestReach:
    def test_owners_and_admins_reach_every_key(self):
        owner = make_member()
        theirs = make_api_key(owner.organization, role="developer").key
        for role in ("owner", "admin"):
            client = clients(role, owner.organization)["session"]
            assert theirs.pk in [row["id"] for row in client.get(URL).json()["data"]]

    @pytest.mark.parametrize("kind", ["session", "key"])
    def test_developers_reach_only_keys_that_they_made(self, kind):
        others = make_api_key(role="developer", scopes=["messages:read"])
        client = clients("developer", others.key.organization)[kind]
        own = create(client, "messages:read").json()["data"]["id"]

        listed = {row["id"] for row in client.get(URL).json()["data"]}
        assert own in listed
        assert others.key.pk not in listed
        for response in (
            client.get(f"{URL}/{others.key.pk}"),
            client.delete(f"{URL}/{others.key.pk}"),
            client.generic("POST", f"{URL}/{others.key.pk}/rotate"),
        ):
            assert error(response) == (404, "NOT_FOUND")
        assert Client().get("/v1/me", headers={"X-API-Key": others.secret}).status_code == 200
        assert client.generic("POST", f"{URL}/{own}/rotate").status_code == 200
        assert client.delete(f"{URL}/{own}").status_code == 204

    def test_keys_of_another_organisation_are_404(self, api):
        foreign = make_api_key()
        assert error(api.delete(f"{URL}/{foreign.key.pk}")) == (404, "NOT_FOUND")
        assert error(api.generic("POST", f"{URL}/{foreign.key.pk}/rotate")) == (404, "NOT_FOUND")
        assert Client().get("/v1/me", headers={"X-API-Key": foreign.secret}).status_code == 200


class TestRotate:
    def test_the_new_secret_lives_and_the_old_one_is_dead(self, api, key):
        other = make_api_key(key.key.organization)
        response = api.generic("POST", f"{URL}/{other.key.pk}/rotate")
        data = response.json()["data"]
        assert (response.status_code, data["id"]) == (200, other.key.pk)
        assert response["Cache-Control"] == "no-store"
        statuses = [
            Client().get("/v1/me", headers={"X-API-Key": secret}).status_code
            for secret in (other.secret, data["key"])
        ]
        assert statuses == [401, 200]
        assert AuditEvent.objects.filter(action="api_key.rotated", target=other.key.pk).exists()

    def test_needs_every_scope_of_the_key(self, key):
        weak = make_api_key(key.key.organization, scopes=["api_keys:write"])
        client = Client(headers={"X-API-Key": weak.secret})
        response = client.generic("POST", f"{URL}/{key.key.pk}/rotate")
        assert error(response) == (403, "INSUFFICIENT_PERMISSIONS")
        assert Client().get("/v1/me", headers={"X-API-Key": key.secret}).status_code == 200

    def test_takes_no_fields(self, api, key):
        url = f"{URL}/{key.key.pk}/rotate"
        response = api.post(url, {"scopes": []}, content_type="application/json")
        assert error(response) == (422, "VALIDATION_ERROR")

    def test_a_key_that_was_an_owners_shrinks_with_its_maker(self):
        """A developer who was an owner cannot keep the owner's rights by rotating."""
        member = make_member(role="owner")
        strong = make_api_key(member=member)
        member.role = "developer"
        member.save()
        client = Client(headers={"X-API-Key": strong.secret})
        response = client.generic("POST", f"{URL}/{strong.key.pk}/rotate")
        assert error(response) == (403, "INSUFFICIENT_PERMISSIONS")


class TestRevoke:
    def test_is_at_once_and_for_ever(self, api, key):
        other = make_api_key(key.key.organization)
        assert api.delete(f"{URL}/{other.key.pk}").status_code == 204
        refused = Client().get("/v1/me", headers={"X-API-Key": other.secret})
        assert error(refused) == (401, "INVALID_API_KEY")
        assert other.key.pk not in api.get(URL).content.decode()
        assert error(api.delete(f"{URL}/{other.key.pk}")) == (404, "NOT_FOUND")
        assert AuditEvent.objects.filter(action="api_key.revoked", target=other.key.pk).exists()
