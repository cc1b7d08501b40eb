"""Who is let in, by which header."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from orbit.accounts.api_keys.services import PREFIX
from orbit.accounts.models import ApiKey, User
from tests.factories import (
    PASSWORD,
    make_api_key,
    make_member,
    make_operator_key,
    make_session,
    make_user,
)

pytestmark = pytest.mark.django_db

ME = "/v1/me"


def ask(**headers):
    extra = {"REMOTE_ADDR": headers.pop("address")} if "address" in headers else {}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client().get(ME, headers=named, **extra)


def error(response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


@pytest.mark.parametrize("header", ["x_api_key", "bearer"])
def test_a_key_is_taken_from_either_header(key, header):
    headers = (
        {"X_API_Key": key.secret}
        if header == "x_api_key"
        else {"Authorization": f"Bearer {key.secret}"}
    )
    data = ask(**headers).json()["data"]
    assert data["api_key"] == {"id": key.key.pk, "name": key.key.name}
    assert data["organization"]["id"] == key.key.organization_id


def test_the_same_key_in_both_headers_is_fine(key):
    answer = ask(X_API_Key=key.secret, Authorization=f"Bearer {key.secret}")
    assert answer.status_code == 200


def test_headers_that_disagree_are_refused(key):
    access = make_session(make_member()).access
    for other in (make_api_key().secret, access):
        refused = ask(X_API_Key=key.secret, Authorization=f"Bearer {other}")
        assert error(refused) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(
    "secret",
    ["", "nonsense", PREFIX, PREFIX + "0" * 48, "dv_test_sk_" + "0" * 48, "é"],
    ids=["empty", "nonsense", "bare", "unknown", "sandbox", "non-ASCII"],
)
def test_an_unknown_or_malformed_key_is_refused(secret):
    refused = ask(X_API_Key=secret)
    assert error(refused) == (401, "INVALID_API_KEY")
    assert refused["WWW-Authenticate"].startswith("Bearer")


def test_a_request_without_credentials_is_refused():
    assert error(ask()) == (401, "UNAUTHORIZED")
    assert error(ask(Authorization="Basic YTpi")) == (401, "UNAUTHORIZED")


def test_a_cookie_of_the_console_opens_nothing():
    user = make_user(is_staff=True, is_superuser=True)
    client = Client()
    assert client.login(email=user.email, password=PASSWORD)
    assert error(client.get(ME)) == (401, "UNAUTHORIZED")


def test_a_revoked_key_is_dead_at_once(key):
    ApiKey.objects.filter(pk=key.key.pk).update(revoked_at=timezone.now())
    refused = ask(X_API_Key=key.secret)
    assert error(refused) == (401, "INVALID_API_KEY")
    assert "revoked" in refused.json()["error"]["message"]


def test_an_expired_key_says_so():
    key = make_api_key(expires_at=timezone.now() + timedelta(days=30))
    assert ask(X_API_Key=key.secret).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        refused = ask(X_API_Key=key.secret)
    assert error(refused) == (401, "INVALID_API_KEY")
    assert "expired" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("allowed", "address", "status"),
    [
        (["198.51.100.7"], "198.51.100.7", 200),
        (["198.51.100.7"], "198.51.100.8", 403),
        (["198.51.100.0/24", "2001:db8::/32"], "198.51.100.8", 200),
        (["198.51.100.0/24", "2001:db8::/32"], "2001:db8::5", 200),
        (["198.51.100.0/24"], "::ffff:198.51.100.8", 200),
        (["198.51.100.0/24"], "2001:db8::5", 403),
        (["0.0.0.0/0"], "2001:db8::5", 403),
        (["0.0.0.0/0"], "", 403),
    ],
)
def test_a_key_may_be_bound_to_addresses(allowed, address, status):
    key = make_api_key(allowed_ips=allowed)
    answer = ask(X_API_Key=key.secret, address=address)
    assert answer.status_code == status
    if status == 403:
        assert error(answer) == (403, "IP_NOT_ALLOWED")


def test_a_forwarded_address_counts_only_from_our_proxies(settings):
    key = make_api_key(allowed_ips=["198.51.100.7"])
    headers = {"X_API_Key": key.secret, "X_Forwarded_For": "198.51.100.7"}
    assert ask(**headers, address="10.0.0.1").status_code == 403
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    assert ask(**headers, address="10.0.0.1").status_code == 200


class TestTheMakerOfAKey:
    def test_takes_it_along_when_leaving(self):
        member = make_member()
        key = make_api_key(member=member)
        member.delete()
        assert error(ask(X_API_Key=key.secret)) == (401, "INVALID_API_KEY")

    def test_takes_it_along_when_deactivated(self):
        member = make_member()
        key = make_api_key(member=member)
        User.objects.filter(pk=member.user_id).update(is_active=False)
        assert error(ask(X_API_Key=key.secret)) == (401, "INVALID_API_KEY")

    def test_takes_it_along_when_deleted(self):
        member = make_member()
        key = make_api_key(member=member)
        member.user.delete()
        assert error(ask(X_API_Key=key.secret)) == (401, "INVALID_API_KEY")

    def test_limits_it_by_the_role_of_today(self):
        member = make_member(role="owner")
        key = make_api_key(member=member)
        member.role = "viewer"
        member.save()
        data = ask(X_API_Key=key.secret).json()["data"]
        assert data["role"] == "viewer"
        assert "credentials:write" not in data["scopes"]
        assert "credentials:read" in data["scopes"]

    def test_of_another_organisation_is_no_member_of_this_one(self):
        member = make_member()
        key = make_api_key(member=member)
        member.delete()
        make_member(user=member.user)  # elsewhere
        assert error(ask(X_API_Key=key.secret)) == (401, "INVALID_API_KEY")


class TestOperators:
    def test_an_operator_key_belongs_to_no_organisation(self):
        key = make_operator_key()
        data = ask(X_API_Key=key.secret).json()["data"]
        assert (data["organization"], data["is_operator"]) == (None, True)

    def test_it_opens_nothing_of_an_organisation(self):
        headers = {"X-API-Key": make_operator_key().secret}
        refused = Client().get("/v1/audit-events", headers=headers)
        assert error(refused) == (403, "INSUFFICIENT_PERMISSIONS")

    @pytest.mark.urls("tests.orbit.api.probe")
    def test_operators_routes_are_404_for_other_callers(self):
        url, client = "/v1/probe/operators", Client()
        staff = make_member(user=make_user(is_staff=True))
        let_in = [
            {"X-API-Key": make_operator_key().secret},
            {"Authorization": f"Bearer {make_session(staff).access}"},
        ]
        kept_out = [
            {"X-API-Key": make_api_key().secret},
            {"X-API-Key": make_api_key(member=staff).secret},
            {"Authorization": f"Bearer {make_session(make_member()).access}"},
        ]
        assert [client.get(url, headers=headers).status_code for headers in let_in] == [200, 200]
        for headers in kept_out:
            hidden = client.get(url, headers=headers).json()["error"]
            unknown = client.get("/v1/nothing", headers=headers).json()["error"]
            assert hidden == unknown
            assert client.post(url, headers=headers).status_code == 404


def test_last_use_is_written_once_a_minute(key, django_assert_num_queries):
    headers = {"X_API_Key": key.secret}
    with time_machine.travel("2026-03-08T12:00:00Z", tick=False) as clock:
        ask(**headers)
        first = ApiKey.objects.get(pk=key.key.pk).last_used_at
        clock.shift(59)
        ask(**headers)
        assert ApiKey.objects.get(pk=key.key.pk).last_used_at == first
        clock.shift(1)
        ask(**headers)
        assert ApiKey.objects.get(pk=key.key.pk).last_used_at == first + timedelta(minutes=1)


def test_only_a_hash_of_the_key_is_kept(key):
    assert key.secret not in str(ApiKey.objects.values().get(pk=key.key.pk))
    assert key.secret not in repr(key)
    assert len(key.secret) >= len(PREFIX) + 32


def test_a_token_of_deeply_nested_json_is_refused():
    """Its head is read before its signature."""
    deep = base64.urlsafe_b64encode(b"[" * 5000).decode().rstrip("=")

    assert error(ask(Authorization=f"Bearer {deep}.e30.c2ln")) == (401, "UNAUTHORIZED")
