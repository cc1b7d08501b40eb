"""Probes of gateways between passes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from kombu.exceptions import OperationalError

from messaging.credentials.models import CredentialStatus
from reconciler import gateway_probe, lock, tasks
from reconciler.gateway_client import gateway_console, readiness
from reconciler.gateway_client.readiness import GatewayDown
from reconciler.jcli.errors import Unavailable
from reconciler.models import Gateway, Run
from tests.reconciler.conftest import make_credential

REDIS = "Jasmin says: Redis is away"


@pytest.fixture
def queued(monkeypatch) -> list[tuple]:
    """Passes that were queued."""
    asked: list[tuple] = []
    monkeypatch.setattr(
        tasks.reconcile_gateway, "apply_async", lambda args, **_: asked.append(args)
    )
    return asked


@pytest.fixture
def up(modelled: Gateway) -> Gateway:
    Gateway.objects.update(state="up", last_pass_at=timezone.now())
    modelled.refresh_from_db()
    return modelled


def refuse(monkeypatch, reason: str = REDIS) -> None:
    def fail(gateway: Gateway) -> bool:
        raise GatewayDown(reason)

    monkeypatch.setattr(readiness, "is_ready", fail)


def look(gateway: Gateway) -> Gateway:
    gateway.refresh_from_db()
    gateway_probe.probe(gateway)
    gateway.refresh_from_db()
    return gateway


def test_a_gateway_that_takes_nothing_is_down_with_its_reason_and_no_pass(
    up, tenant, monkeypatch, queued
):
    credential = make_credential(tenant, port=1, system_id="acme")
    CredentialStatus.objects.update(bind_state="bound", sync_state="synced")
    refuse(monkeypatch)
    seen = look(up)

    assert (seen.state, seen.state_reason) == ("down", REDIS)
    credential.status.refresh_from_db()
    assert credential.status.bind_state == "unknown"
    assert not Run.objects.exists()
    assert queued == []


def test_it_is_up_at_once_when_it_answers_and_a_pass_follows(up, monkeypatch, queued):
    with monkeypatch.context() as patch:
        refuse(patch)
        look(up)
    seen = look(up)

    assert (seen.state, seen.state_reason) == ("up", "")
    assert queued == [(up.pk, "look")]


def test_it_is_up_although_the_pass_can_not_be_queued(up, monkeypatch, caplog):
    def away(args: tuple, **_: object) -> None:
        raise OperationalError("the broker is away")

    monkeypatch.setattr(tasks.reconcile_gateway, "apply_async", away)
    with monkeypatch.context() as patch:
        refuse(patch)
        look(up)
    seen = look(up)

    assert (seen.state, seen.state_reason) == ("up", "")
    assert "is back; a pass can't be queued: the broker is away" in caplog.text


def test_a_reason_that_changes_is_told(up, monkeypatch, queued):
    refuse(monkeypatch)
    look(up)
    refuse(monkeypatch, "RabbitMQ h:5672: connection refused")

    assert look(up).state_reason == "RabbitMQ h:5672: connection refused"


def test_what_only_a_pass_can_see_is_not_cleared_by_a_look(up, queued):
    Gateway.objects.update(state="down", state_reason="it never stops talking")

    assert look(up).state_reason == "it never stops talking"
    assert queued == []


def test_a_console_that_does_not_answer_keeps_it_down(up, monkeypatch, queued):
    with monkeypatch.context() as patch:
        refuse(patch)
        look(up)

    def fail(gateway: Gateway):
        raise Unavailable("console h:1: connection refused")

    monkeypatch.setattr(gateway_console, "connect", fail)
    assert look(up).state_reason == "console h:1: connection refused"


@contextmanager
def held_by_another(name: str) -> Iterator[None]:
    """A thread has a connection of its own: on PostgreSQL ours might take its own lock again."""
    taken, over = threading.Event(), threading.Event()

    def hold() -> None:
        with lock.held(name) as ours:
            assert ours
            taken.set()
            over.wait(60)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert taken.wait(60)
    yield
    over.set()
    thread.join()


@pytest.mark.parametrize("reason", [REDIS, ""])
def test_a_look_leaves_it_to_a_pass_that_runs(up, monkeypatch, queued, reason):
    monkeypatch.setattr(gateway_probe.lock, "held", lock.held)
    if reason:
        refuse(monkeypatch)
    with held_by_another(f"gateway-{up.pk}"):
        seen = look(up)

    assert seen.state == "up"
    assert seen.looked_at is not None


def test_each_is_looked_at_once_however_many_processes_there_are(up, monkeypatch):
    looks = []
    monkeypatch.setattr(readiness, "is_ready", lambda gateway: looks.append(1) or True)
    for _ in range(4):
        gateway_probe.probe_all()
    Gateway.objects.update(looked_at=timezone.now() - timedelta(seconds=5))
    gateway_probe.probe_all()

    assert len(looks) == 2


def test_a_gateway_that_is_switched_off_is_left_alone(up, monkeypatch):
    Gateway.objects.update(enabled=False)
    gateway_probe.probe_all()
    up.refresh_from_db()

    assert up.looked_at is None
