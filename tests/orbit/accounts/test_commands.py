"""The commands that make the first organisation and operators' keys."""

from __future__ import annotations

import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from orbit.accounts.models import ApiKey, AuditEvent, Member, Organization, User
from orbit.accounts.scopes import ALL_SCOPES
from tests.factories import make_user

pytestmark = pytest.mark.django_db

GOOD = "a-good-long-password"


def create(*args: str) -> None:
    call_command("create_organization", "Example", "--email", "ada@example.com", *args)


def me(secret: str) -> dict:
    return Client().get("/v1/me", headers={"X-API-Key": secret}).json()["data"]


@pytest.fixture
def stdin(monkeypatch):
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


class TestCreateOrganization:
    def test_makes_the_organisation_its_owner_and_a_key_that_works(self, capsys):
        create("--json")
        made = json.loads(capsys.readouterr().out)
        data = me(made["api_key"])
        assert data["organization"] == {"id": made["organization_id"], "name": "Example"}
        assert (data["role"], set(data["scopes"])) == ("owner", set(ALL_SCOPES))
        assert data["user"]["email"] == made["email"] == "ada@example.com"
        assert data["api_key"]["id"] == made["api_key_id"]

    def test_says_so_in_words_as_well(self, capsys):
        create()
        text = capsys.readouterr().out
        assert ApiKey.objects.get().prefix in text
        assert "not shown again" in text

    def test_is_in_the_audit_as_the_command(self, capsys):
        create("--json")
        secret = json.loads(capsys.readouterr().out)["api_key"]
        events = AuditEvent.objects.order_by("seq")
        assert [event.action for event in events] == [
            "organization.created",
            "member.created",
            "api_key.created",
        ]
        assert {event.actor_name for event in events} == {"manage.py create_organization"}
        assert secret not in str([event.__dict__ for event in events])

    def test_takes_a_password_from_standard_input(self, stdin, client):
        stdin(f"{GOOD}\n")
        create("--password-stdin")
        body = {"email": "ada@example.com", "password": GOOD}
        answer = client.post("/v1/auth/login", body, content_type="application/json")
        assert answer.status_code == 200

    @pytest.mark.parametrize("password", ["", "short", "password"])
    def test_refuses_a_weak_one_and_makes_nothing(self, stdin, password):
        stdin(f"{password}\n")
        with pytest.raises(CommandError, match="password"):
            create("--password-stdin")
        assert not Organization.objects.exists()

    def test_without_one_nobody_can_sign_in_before_the_link_was_used(self, capsys):
        create()
        assert not User.objects.get().has_usable_password()
        assert "/password/" in capsys.readouterr().out

    def test_an_existing_person_becomes_the_owner(self):
        user = make_user("ADA@example.com")
        before = user.password
        create()
        user.refresh_from_db()
        assert Member.objects.get().user == user
        assert user.password == before

    def test_an_existing_person_keeps_their_password(self, stdin):
        make_user("ada@example.com")
        stdin(f"{GOOD}\n")
        with pytest.raises(CommandError, match="has a password already"):
            create("--password-stdin")

    @pytest.mark.parametrize(("name", "email"), [(" ", "ada@example.com"), ("x", "ada")])
    def test_refuses_nonsense(self, name, email):
        with pytest.raises(CommandError):
            call_command("create_organization", name, "--email", email)
        assert not Organization.objects.exists()


class TestCreateOperatorKey:
    def test_makes_a_key_of_no_organisation(self, capsys):
        call_command("create_operator_key", "Monitoring", "--json")
        made = json.loads(capsys.readouterr().out)
        data = me(made["api_key"])
        assert (data["is_operator"], data["organization"], data["scopes"]) == (True, None, [])
        assert AuditEvent.objects.get(chain="system").target == made["api_key_id"]

    def test_says_so_in_words_as_well(self, capsys):
        call_command("create_operator_key", "Monitoring")
        assert ApiKey.objects.get().prefix in capsys.readouterr().out

    def test_refuses_an_empty_name(self):
        with pytest.raises(CommandError):
            call_command("create_operator_key", " ")
