"""`manage.py gateways add` explains its options, and says what a gateway lacks."""

from __future__ import annotations

import io
import os
import sys

import pytest
from django.core.management import CommandError, call_command

from orbit.accounts.models import AuditEvent
from orbit.dev.stack.jasmin import PROJECT
from orbit.operations import health
from reconciler.models import Gateway
from tests.factories import make_organization
from tests.fixtures.forkserver.programs import AT_START, run
from tests.reconciler.jcli.fake import PASSWORD, USERNAME, FakeConsole

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


@pytest.mark.django_db
def test_without_the_consoles_password_nothing_is_added(monkeypatch) -> None:
    monkeypatch.delenv("JCLI_PASSWORD")
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))

    with pytest.raises(CommandError, match="set JCLI_PASSWORD"):
        call_command(*ADD)

    assert not Gateway.objects.exists()


@pytest.mark.django_db
def test_the_consoles_password_may_come_from_standard_input(monkeypatch) -> None:
    monkeypatch.delenv("JCLI_PASSWORD")
    monkeypatch.setattr(sys, "stdin", io.StringIO("typed\n"))

    call_command(*ADD)

    assert Gateway.objects.get().jcli_password == "typed"


@pytest.mark.django_db
@pytest.mark.parametrize("option", ["--jcli", "--smpp"])
@pytest.mark.parametrize("address", ["127.0.0.1", ":8990", "127.0.0.1:", "127.0.0.1:port"])
def test_an_address_without_host_or_port_is_refused(option, address) -> None:
    with pytest.raises(CommandError, match=f"{option}: write HOST:PORT"):
        call_command(*ADD, option, address)

    assert not Gateway.objects.exists()


@pytest.mark.django_db
def test_region_and_broker_are_kept_until_the_command_speaks_of_them(monkeypatch) -> None:
    monkeypatch.setenv("AMQP_URL", "amqp://u:br0ker@mq/v")
    call_command(*ADD, "--region", "eu", "--smpp", "[2001:db8::1]:2775")
    monkeypatch.delenv("AMQP_URL")
    call_command(*ADD)

    row = Gateway.objects.get()
    assert (row.region, row.amqp_url) == ("eu", "amqp://u:br0ker@mq/v")
    assert (row.smpp_host, row.smpp_port) == ("2001:db8::1", 2775)

    call_command(*ADD, "--region", "")
    assert Gateway.objects.get().region == ""


@pytest.mark.django_db
def test_a_console_that_answers_says_its_version(capsys, monkeypatch) -> None:
    there = FakeConsole()
    address = f"127.0.0.1:{there.port}"
    monkeypatch.setenv("JCLI_PASSWORD", PASSWORD)

    call_command(*ADD, "--jcli", address, "--username", USERNAME)
    there.close()

    assert "its console answers: Jasmin 0.11.0" in capsys.readouterr().out


@pytest.mark.django_db
def test_one_that_does_not_is_added_with_a_warning(capsys) -> None:
    call_command(*ADD)

    assert "warning: " in capsys.readouterr().out
    assert Gateway.objects.count() == 1


@pytest.mark.django_db
def test_an_organisation_does_not_move_to_a_gateway_that_can_not_take_it() -> None:
    call_command(*ADD)
    Gateway.objects.update(state="down")
    organization = make_organization()

    with pytest.raises(CommandError, match="gateway main is down"):
        call_command("gateways", "move", organization.pk, "--to", "main")

    assert not AuditEvent.objects.filter(action="organization.moved").exists()


@pytest.mark.django_db
def test_the_list_says_what_is_not_as_wanted(capsys) -> None:
    call_command(*ADD)
    Gateway.objects.update(
        jasmin_version="0.11.0",
        faults=[{"error": "a connector could not be made"}],
        conflicts=["a route of another has order 7"],
    )

    call_command("gateways", "list")

    out = capsys.readouterr().out
    assert "Jasmin 0.11.0, launcher none" in out
    assert "  ! not as wanted: a connector could not be made" in out
    assert "  ! a route of another has order 7" in out


@pytest.mark.django_db
def test_without_the_database_the_list_says_why(capsys, monkeypatch) -> None:
    away = health.Health(False, "PostgreSQL db:5432: connection refused")
    monkeypatch.setattr(health, "_checks", {health.DATABASE: (lambda: away, False)})

    with pytest.raises(CommandError, match="can't be listed without the database"):
        call_command("gateways", "list")

    assert "! database: PostgreSQL db:5432: connection refused" in capsys.readouterr().out


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
