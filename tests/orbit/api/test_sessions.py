"""Signing in, going on, signing out."""

from __future__ import annotations

import threading

import pytest
from django.db import connections
from django.test import Client

from orbit.accounts.models import AuditEvent, Session, User
from tests.factories import PASSWORD, make_member, make_organization, make_session, make_user

LOGIN = "/v1/auth/login"


def login(client: Client, **body):
    return client.post(LOGIN, body, content_type="application/json")


def refresh(client: Client, token: str):
    body = {"refresh_token": token}
    return client.post("/v1/auth/refresh", body, content_type="application/json")


def logout(client: Client, token: str):
    body = {"refresh_token": token}
    return client.post("/v1/auth/logout", body, content_type="application/json")


def me(client: Client, token: str):
    return client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})


def error(response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


@pytest.mark.django_db
class TestLogin:
    def test_gives_both_tokens_and_says_who_and_where(self, client):
        member = make_member(role="developer")

        answer = login(client, email=member.user.email.upper(), password=PASSWORD)

        assert answer.status_code == 200
        data = answer.json()["data"]
        assert data["token_type"] == "Bearer"
        assert data["expires_in"] == 900
        organization = member.organization
        assert data["organization"] == {"id": organization.pk, "name": organization.name}
        assert data["role"] == "developer"
        assert answer["Cache-Control"] == "no-store"
        assert me(client, data["access_token"]).json()["data"]["role"] == "developer"

    def test_an_unknown_account_and_a_wrong_password_are_answered_alike(self, client):
        member = make_member()
        wrong = login(client, email=member.user.email, password="not this one")
        unknown = login(client, email="nobody@example.com", password="not this one")

        assert error(wrong) == error(unknown) == (401, "UNAUTHORIZED")
        assert wrong.json()["error"] == unknown.json()["error"]
        assert wrong["WWW-Authenticate"] == unknown["WWW-Authenticate"]

    def test_an_unknown_account_costs_a_hash_as_well(self, client, monkeypatch):
        hashed = []
        monkeypatch.setattr("orbit.accounts.members.selectors.make_password", hashed.append)
        login(client, email="nobody@example.com", password="not this one")
        assert hashed == ["not this one"]

    def test_a_deactivated_user_is_refused(self, client):
        member = make_member()
        User.objects.filter(pk=member.user_id).update(is_active=False)
        refused = login(client, email=member.user.email, password=PASSWORD)
        assert error(refused) == (401, "UNAUTHORIZED")

    def test_success_and_failure_are_in_the_audit_of_the_organisation(self, client):
        member = make_member()
        login(client, email=member.user.email, password="wrong")
        login(client, email=member.user.email, password=PASSWORD)

        events = AuditEvent.objects.filter(organization_id=member.organization_id).order_by("seq")
        rows = [(event.action, event.outcome, event.target) for event in events]
        assert rows == [
            ("session.login_failed", "refused", member.user.email),
            ("session.login", "ok", member.user.email),
        ]

    def test_an_unknown_account_is_in_the_audit_of_the_system(self, client):
        login(client, email="nobody@example.com", password="wrong")
        event = AuditEvent.objects.get(chain="system")
        assert (event.action, event.target) == ("session.login_failed", "nobody@example.com")
        assert "wrong" not in str(event.__dict__)

    def test_a_member_of_several_has_to_say_which(self, client):
        user = make_user()
        first, second = make_member(user=user), make_member(user=user, role="viewer")

        unsaid = login(client, email=user.email, password=PASSWORD)
        assert error(unsaid) == (422, "MISSING_REQUIRED_FIELD")
        details = unsaid.json()["error"]["details"]
        assert details["field"] == "organization_id"
        assert {row["id"] for row in details["organizations"]} == {
            first.organization_id,
            second.organization_id,
        }

        said = login(
            client, email=user.email, password=PASSWORD, organization_id=second.organization_id
        )
        assert said.json()["data"]["role"] == "viewer"

    def test_an_organisation_of_others_is_refused(self, client):
        member, other = make_member(), make_organization()
        refused = login(
            client, email=member.user.email, password=PASSWORD, organization_id=other.pk
        )
        assert error(refused) == (422, "VALIDATION_ERROR")
        assert other.name not in refused.content.decode()

    def test_an_operator_without_a_membership_gets_a_session_of_no_organisation(self, client):
        user = make_user(is_staff=True)
        data = login(client, email=user.email, password=PASSWORD).json()["data"]
        assert data["organization"] is None
        assert me(client, data["access_token"]).json()["data"]["is_operator"] is True

    def test_a_person_of_no_organisation_is_refused(self, client):
        refused = login(client, email=make_user().email, password=PASSWORD)
        assert error(refused) == (403, "INSUFFICIENT_PERMISSIONS")

    def test_the_password_is_never_echoed(self, client):
        refused = login(client, email=17, password="s3cr3t-and-long", extra=1)
        assert refused.status_code == 422
        assert "s3cr3t" not in refused.content.decode()

    def test_ignores_the_idempotency_key(self, client):
        member = make_member()
        body = {"email": member.user.email, "password": PASSWORD}
        answers = [
            client.post(
                LOGIN, body, content_type="application/json", headers={"Idempotency-Key": "same"}
            )
            for _ in range(2)
        ]
        assert "Idempotency-Replayed" not in answers[1]
        tokens = {answer.json()["data"]["refresh_token"] for answer in answers}
        assert len(tokens) == 2


@pytest.mark.django_db
class TestLoginThrottle:
    def test_an_account_is_tried_only_so_often_from_any_address(self, client, settings):
        settings.LOGIN_RATE_LIMIT = "2/3600"
        member = make_member()
        answers = [
            client.post(
                LOGIN,
                {"email": member.user.email, "password": "wrong"},
                content_type="application/json",
                REMOTE_ADDR=f"198.51.100.{place}",
            )
            for place in range(3)
        ]
        assert [answer.status_code for answer in answers] == [401, 401, 429]
        assert int(answers[2]["Retry-After"]) >= 1
        assert answers[2].json()["error"]["details"]["limit"] == 2

    def test_an_address_tries_only_so_many_accounts(self, client, settings):
        settings.LOGIN_RATE_LIMIT = "2/3600"
        statuses = [
            client.post(
                LOGIN,
                {"email": f"tried{place}@example.com", "password": "wrong"},
                content_type="application/json",
                REMOTE_ADDR="198.51.100.77",
            ).status_code
            for place in range(3)
        ]
        assert statuses == [401, 401, 429]


@pytest.mark.django_db
class TestRefresh:
    def test_rotates(self, client):
        tokens = make_session(make_member())
        data = refresh(client, tokens.refresh).json()["data"]
        assert data["refresh_token"] != tokens.refresh
        assert me(client, data["access_token"]).status_code == 200

    def test_a_second_use_ends_the_whole_family(self, client):
        member = make_member()
        tokens = make_session(member)
        second = refresh(client, tokens.refresh).json()["data"]

        assert error(refresh(client, tokens.refresh)) == (401, "UNAUTHORIZED")

        assert error(refresh(client, second["refresh_token"])) == (401, "UNAUTHORIZED")
        assert error(me(client, second["access_token"])) == (401, "UNAUTHORIZED")
        reused = AuditEvent.objects.filter(action="session.refresh_reused")
        assert reused.first().organization_id == member.organization_id

    def test_another_login_is_not_touched_by_that(self, client):
        member = make_member()
        tokens, other = make_session(member), make_session(member)
        refresh(client, tokens.refresh)
        refresh(client, tokens.refresh)
        assert refresh(client, other.refresh).status_code == 200

    def test_an_unknown_one_is_refused(self, client):
        assert error(refresh(client, "dv_rt_unknown")) == (401, "UNAUTHORIZED")

    def test_ends_with_the_membership(self, client):
        member = make_member()
        tokens = make_session(member)
        member.delete()
        assert error(refresh(client, tokens.refresh)) == (401, "UNAUTHORIZED")

    def test_is_kept_as_a_hash_only(self, client):
        tokens = make_session(make_member())
        kept = str(tokens.session.tokens.get().__dict__)
        assert tokens.refresh not in kept
        assert tokens.refresh not in repr(tokens)
        assert tokens.access not in repr(tokens)


@pytest.mark.django_db
class TestLogout:
    def test_kills_both_tokens(self, client):
        tokens = make_session(make_member())
        assert logout(client, tokens.refresh).status_code == 204
        assert error(refresh(client, tokens.refresh)) == (401, "UNAUTHORIZED")
        assert error(me(client, tokens.access)) == (401, "UNAUTHORIZED")
        assert AuditEvent.objects.filter(action="session.logout").count() == 1

    def test_twice_is_once(self, client):
        tokens = make_session(make_member())
        assert [logout(client, tokens.refresh).status_code for _ in range(2)] == [204, 204]
        assert AuditEvent.objects.filter(action="session.logout").count() == 1

    def test_an_unknown_token_is_refused(self, client):
        assert error(logout(client, "dv_rt_unknown")) == (401, "UNAUTHORIZED")


@pytest.mark.django_db(transaction=True)
def test_of_many_refreshes_at_once_exactly_one_wins():
    tokens = make_session(make_member())
    statuses: list[int] = []
    together = threading.Barrier(6)

    def run() -> None:
        try:
            together.wait()
            statuses.append(refresh(Client(), tokens.refresh).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [200, 401, 401, 401, 401, 401]
    assert Session.objects.get().ended_at is not None
