"""Gateways that are away."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from reconciler.models import Gateway, GatewayLog, Placement
from reconciler.notice_conditions import gateways_away, logs_behind
from tests.factories import make_organization


def make_away(seconds: int, **fields) -> Gateway:
    values = {
        "name": "main",
        "jcli_host": "10.0.0.5",
        "jcli_username": "jcliadmin",
        "jcli_password": "secret",
        "http_url": "http://10.0.0.5:1401",
        "state": "down",
        "state_reason": "connection refused at 10.0.0.5:8990",
        "away_since": timezone.now() - timedelta(seconds=seconds),
    }
    return Gateway.objects.create(**values | fields)


def test_a_gateway_that_is_away_is_one_cause_with_its_organisations(db, settings) -> None:
    gateway = make_away(settings.NOTICE_GATEWAY_AWAY + 5)
    organization = make_organization()
    Placement.objects.create(organization=organization, gateway=gateway)

    (found,) = gateways_away(timezone.now())

    assert found.what == "Gateway main is away"
    assert "10.0.0.5" not in found.why
    assert found.organization_ids == {organization.pk}


def test_one_that_was_missed_for_a_moment_or_is_disabled_is_none(db, settings) -> None:
    now = timezone.now()
    make_away(settings.NOTICE_GATEWAY_AWAY - 5)
    make_away(settings.NOTICE_GATEWAY_AWAY + 5, name="off", enabled=False)

    assert list(gateways_away(now)) == []


def test_a_log_that_nobody_reads_is_a_cause_while_its_gateway_is_there(db, settings) -> None:
    now = timezone.now()
    before = now - timedelta(seconds=settings.NOTICE_GATEWAY_AWAY + 5)
    gateway = make_away(0, state="up", away_since=None)
    GatewayLog.objects.create(
        gateway=gateway,
        read_at=before,
        error="connection refused at 10.0.0.5:1401",
        failed_since=before,
    )

    (found,) = logs_behind(now)
    Gateway.objects.update(state="down")

    assert "10.0.0.5" not in found.why
    assert list(logs_behind(now)) == []  # its gateway is the cause
