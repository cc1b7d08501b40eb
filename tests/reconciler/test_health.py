"""The health of a gateway, in words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from orbit.operations.health import Health
from reconciler import health
from reconciler.models import Gateway

LONG_AGO = timedelta(seconds=settings.RECONCILE_INTERVAL * health.STALE_AFTER + 10)


def row(**fields) -> Gateway:
    now = timezone.now()
    values = {"state": "up", "looked_at": now, "last_pass_at": now, "amqp_url": "amqp://u:p@r/v"}
    return Gateway(
        name="main", jcli_host="j", jcli_port=8990, http_url="http://h:1401", **values | fields
    )


def test_one_that_takes_messages_is_up():
    assert health.gateway_health(row()) == Health(True, "up, last pass 0 s ago")


@pytest.mark.parametrize(
    ("reason", "public"),
    [
        ("RabbitMQ r:5672: connection refused", "down: RabbitMQ: connection refused"),
        ("HTTP API h:1401: no answer", "down: HTTP API: no answer"),
        ("console j:8990: connection refused", "down: console: connection refused"),
    ],
)
def test_addresses_are_not_for_everyone(reason, public):
    found = health.gateway_health(row(state="down", state_reason=reason))

    assert (found.ok, found.detail, found.public) == (False, f"down: {reason}", public)


@pytest.mark.parametrize(
    ("reason", "public"),
    [
        ("console j:8990: connection refused", "console: connection refused"),
        ("console j:8990 closed the connection", "console closed the connection"),
        ("HTTP API http://h:1401/lane/log: no answer", "HTTP API: no answer"),
        ("connection to 10.1.2.3 failed", "connection to failed"),
        ("no route to [fd00::7]:8990", "no route to"),
        ("no route to fd00::7", "no route to"),
        ("gw-3.internal:2775: no answer", ": no answer"),
        ("the SMPP server at sms.example.com is not open", "the SMPP server is not open"),
        ("Jasmin says: the store can't be written: 23:59:01", None),
        ("wrong username or password", None),
        ("this is not Jasmin's console", None),
    ],
)
def test_no_spelling_of_an_address_is_for_organisations(reason, public):
    gateway = row(smpp_host="sms.example.com")

    assert gateway.without_addresses(reason) == (reason if public is None else public)


@pytest.mark.parametrize("moved", [-1, 1])
def test_a_gateway_without_a_recent_probe_is_unknown_whatever_it_was(moved):
    looked_at = timezone.now() + moved * (health.UNSEEN_AFTER + timedelta(seconds=5))
    found = health.gateway_health(row(looked_at=looked_at))

    assert (found.ok, found.detail) == (False, "unknown: no process of ours looks at it")


def test_one_that_no_pass_has_read_is_not_up():
    assert health.gateway_health(row(last_pass_at=None)).detail == "no pass has read it yet"
    assert not health.gateway_health(row(last_pass_at=timezone.now() - LONG_AGO)).ok


def test_what_is_wrong_is_said_alike_as_time_goes_by():
    """/metrics has a series for each reason."""
    faults, now = [{"organization_id": "", "error": "no"}], timezone.now()
    first, later = (
        health.gateway_health(row(faults=faults, last_pass_at=now - timedelta(seconds=age)))
        for age in (1, 20)
    )

    assert first.degraded
    assert first == later
