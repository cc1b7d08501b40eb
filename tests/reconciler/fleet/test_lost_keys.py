"""A gateway whose password no key decrypts any more: passes find it down, and people act on it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from reconciler import tasks
from reconciler.gateway_client import gateway_console
from reconciler.models import Gateway
from tests.factories import lose_key
from tests.reconciler.fleet.conftest import fill, where

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization(first, other):
    (organization,) = fill(first, 1)
    lose_key(first, "jcli_password", "amqp_url")
    Gateway.objects.filter(pk=first.pk).update(state="down", away_since=timezone.now())
    return organization


def test_it_is_drained(organization, capsys):
    call_command("gateways", "drain", "modelled", "--no-wait")

    assert Gateway.objects.get(name="modelled").mode == "draining"
    assert "beat moves its organisations" in capsys.readouterr().out


def test_it_is_evacuated(organization, capsys):
    call_command("gateways", "evacuate", "modelled")

    assert where(organization) == ("second", "")
    assert "1 organisation(s) taken over" in capsys.readouterr().out


def test_it_is_evacuated_by_itself(organization, settings, monkeypatch):
    settings.GATEWAY_LOST_AFTER = 1
    monkeypatch.setattr(tasks.reconcile_gateway, "apply_async", lambda *args, **options: None)
    long_ago = timezone.now() - timedelta(seconds=60)
    Gateway.objects.filter(name="modelled").update(away_since=long_ago)

    tasks.evacuate_if_lost(Gateway.objects.get(name="modelled").pk)

    assert where(organization) == ("second", "")


def test_an_upgrade_stops_there_and_says_why(organization, monkeypatch):
    monkeypatch.setattr(gateway_console, "connect_if_ready", lambda each: each.jcli_password)
    with pytest.raises(CommandError, match="stopped at modelled: .*no key in FERNET_KEYS"):
        call_command("gateways", "upgrade", "modelled", "--restart-command", "true")
