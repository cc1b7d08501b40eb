"""`manage.py gateways add` explains its options, and says what a gateway lacks."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.core.management import call_command

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

    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    described = " ".join(said.partition("options:")[2].split())
    for option, words in {
        "--jcli HOST:PORT": "its console",
        "--username USERNAME": "of its console",
        "--http URL": "its HTTP API",
        "--smpp HOST:PORT": "as organisations reach it from outside",
    }.items():
        assert f"{option} {words}" in described or words in described.partition(option)[2][:90]
