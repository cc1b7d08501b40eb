"""`manage.py gateways add` explains its options, and says what a gateway lacks."""

from __future__ import annotations

import os
import sys

import pytest
from django.core.management import call_command

from orbit.accounts.models import AuditEvent
from orbit.dev.stack.jasmin import PROJECT
from reconciler.models import Gateway
from tests.factories import make_organization
from tests.fixtures.forkserver.programs import AT_START, run

ADD = (
    "gateways", "add", "main",
    "--jcli", "127.0.0.1:1", "--username", "jcliadmin", "--http", "http://127.0.0.1:1",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _console_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JCLI_PASSWORD", "secret-of-the-console")
    monkeypatch.delenv("AMQP_URL", raising=False)


@pytest.mark.django_db
def test_a_gateway_without_smpp_says_what_the_access_bind_then_lacks(capsys) -> None:
    call_command(*ADD)

    said = capsys.readouterr().out
    assert "no --smpp: the access bind has no address" in said
    assert "GET /v1/messaging/smpp/access" in said
    assert "secret-of-the-console" not in said


@pytest.mark.django_db
def test_a_gateway_with_smpp_is_added_without_that_warning(capsys) -> None:
    call_command(*ADD, "--smpp", "sms.example.com:2775")
    call_command(*ADD)  # a change that does not speak of it keeps it

    assert "--smpp" not in capsys.readouterr().out


def test_the_help_explains_each_option() -> None:
    command = [sys.executable, "manage.py", "gateways", "add", "--help"]

    said = run(command, cwd=PROJECT, env=os.environ | AT_START, text=True, check=True).stdout

    described = " ".join(said.partition("options:")[2].split())
    for option, words in {
        "--jcli HOST:PORT": "its console",
        "--username USERNAME": "of its console",
        "--http URL": "its HTTP API",
        "--smpp HOST:PORT": "as organisations reach it from outside",
    }.items():
        assert f"{option} {words}" in described or words in described.partition(option)[2][:90]


@pytest.mark.django_db
def test_what_the_command_changes_is_in_the_audit_without_secrets(monkeypatch) -> None:
    call_command(*ADD)
    monkeypatch.setenv("JCLI_PASSWORD", "another-secret")
    call_command(*ADD)

    made, changed = AuditEvent.objects.filter(actor_name="manage.py gateways").order_by("seq")
    assert (made.action, made.target) == ("gateway.created", "main")
    assert (changed.action, changed.changes) == ("gateway.updated", ["jcli_password"])
    assert "secret" not in f"{made.detail}{changed.detail}"


@pytest.mark.django_db
def test_a_move_by_the_command_is_in_the_audit_of_the_organisation(monkeypatch) -> None:
    call_command(*ADD)
    Gateway.objects.update(state="up")
    organization = make_organization()

    call_command("gateways", "move", organization.pk, "--to", "main")

    event = AuditEvent.objects.get(action="organization.moved")
    assert (event.organization_id, event.detail) == (organization.pk, "to main")
