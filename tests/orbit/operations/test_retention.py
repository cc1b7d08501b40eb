"""What is deleted for its age."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from orbit.accounts.models import AuditEvent, RefreshToken, Session
from orbit.accounts.sessions.services import SESSION_LIFETIME
from orbit.api.models import IdempotentRequest
from orbit.operations import retention
from orbit.operations.tasks import prune
from tests.factories import make_api_key, make_member, make_session

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture(autouse=True)
def _own_pruners(monkeypatch):
    """Only the built-in ones: those of other apps have tests of their own."""
    built_in = {name: retention._pruners[name] for name in ("idempotent_requests", "sessions")}
    monkeypatch.setattr(retention, "_pruners", built_in)


def send(key: str) -> None:
    client = Client(headers={"X-API-Key": make_api_key().secret, "Idempotency-Key": key})
    client.generic("POST", "/v1/settings/api-keys")


def later(**delta):
    return time_machine.travel(timezone.now() + timedelta(**delta))


def test_answers_go_after_a_day_and_not_before():
    send("a")
    with later(hours=23):
        assert retention.prune()["idempotent_requests"] == 0
    with later(hours=25):
        send("b")
        assert retention.prune()["idempotent_requests"] == 1
    assert IdempotentRequest.objects.get().key == "b"


def test_a_claim_that_nobody_answered_goes_too():
    send("a")
    IdempotentRequest.objects.update(answered_at=None, answer=None)
    with later(hours=25):
        assert retention.prune()["idempotent_requests"] == 1


def test_sessions_go_with_their_tokens_once_they_are_over():
    make_session(make_member())
    with later(days=SESSION_LIFETIME.days - 1):
        assert retention.prune()["sessions"] == 0
        assert RefreshToken.objects.count() == 1
    with later(days=SESSION_LIFETIME.days + 1):
        assert retention.prune()["sessions"] == 1
    assert not Session.objects.exists()
    assert not RefreshToken.objects.exists()


def test_more_than_a_chunk_goes_in_chunks(monkeypatch):
    monkeypatch.setattr(retention, "_CHUNK", 2)
    for key in "abcde":
        send(key)
    with later(hours=25):
        assert retention.prune()["idempotent_requests"] == 5


def test_the_audit_stays():
    make_session(make_member())
    events = AuditEvent.objects.count()
    with later(days=10_000):
        retention.prune()
    assert AuditEvent.objects.count() == events > 0


def test_apps_add_their_own(capsys):
    retention.register("traces", lambda: 7)
    call_command("prune")
    assert "traces: 7 deleted" in capsys.readouterr().out


def test_one_that_fails_does_not_stop_the_others(caplog):
    done = []
    pruners = {"broken": lambda: 1 / 0, "working": lambda: done.append(1) or 1}
    for name, pruner in pruners.items():
        retention.register(name, pruner)
    with pytest.raises(retention.PruneFailed, match="broken"):
        prune()
    assert done == [1]
    assert "pruning broken failed" in caplog.text
    with pytest.raises(CommandError, match="broken"):
        call_command("prune")
