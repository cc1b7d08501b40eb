"""`manage.py notices`."""

from __future__ import annotations

import io
import sys

import pytest
from django.core.management import CommandError, call_command

from messaging.notices import channels
from messaging.notices.models import NoticeRecipient

URL = "jsons://user:s3cr3t-t0ken@example.com/"


def run(monkeypatch: pytest.MonkeyPatch, *args: str, said: str = "") -> str:
    monkeypatch.setattr(sys, "stdin", io.StringIO(said))
    out = io.StringIO()
    call_command("notices", *args, stdout=out)
    return out.getvalue()


def test_a_recipient_is_added_listed_tested_and_removed(db, monkeypatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(channels, "send", lambda url, **said: told.append(url))

    pk = run(monkeypatch, "add", "Ops", said=URL + "\n").strip()
    listed = run(monkeypatch, "list")
    tested = run(monkeypatch, "test")
    run(monkeypatch, "remove", pk)

    assert "Ops" in listed and "jsons" in listed and "s3cr3t" not in listed
    assert told == [URL] and tested == "Ops (jsons): the test was sent\n"
    assert not NoticeRecipient.objects.exists()


def test_a_url_that_is_not_taken_is_not_shown(db, monkeypatch) -> None:
    with pytest.raises(CommandError) as refused:
        run(monkeypatch, "add", "Ops", said="syslog://s3cr3t\n")

    assert "s3cr3t" not in str(refused.value)


def test_one_that_can_not_be_told_is_an_error(db, monkeypatch, capsys) -> None:
    def fail(url: str, **said: object) -> None:
        raise channels.NotTold("no answer")

    monkeypatch.setattr(channels, "send", fail)
    run(monkeypatch, "add", "Ops", said=URL)

    with pytest.raises(SystemExit):
        run(monkeypatch, "test")
