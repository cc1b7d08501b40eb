"""`manage.py reconcile`: which gateways it goes over, what it says, and its exit status."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from reconciler.management.commands import reconcile
from reconciler.models import Gateway
from tests.factories import lose_key
from tests.reconciler.conftest import make_credential, make_tenant

pytestmark = pytest.mark.django_db


def exit_status(*words: str) -> int:
    try:
        call_command("reconcile", *words)
    except SystemExit as end:
        return end.code
    return 0


def test_a_plan_says_what_would_change_and_changes_nothing(modelled, model, tenant, capsys):
    make_credential(tenant, port=2775, system_id="acme")

    assert exit_status("--plan") == 3
    assert "change(s) pending" in capsys.readouterr().out
    assert model.connectors == {}

    assert exit_status() == 0
    assert "change(s) applied" in capsys.readouterr().out
    assert len(model.connectors) == 1
    assert exit_status("--plan") == 0
    assert "in sync, nothing to do" in capsys.readouterr().out


def test_as_json_it_is_a_line_a_gateway(modelled, second, capsys):
    assert exit_status("--json") == 0

    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {each["gateway"] for each in said} == {"modelled", "second"}
    assert {each["ending"] for each in said} <= {"in_sync", "applied"}


def test_only_the_gateway_that_is_named_gets_a_pass(modelled, second, capsys):
    assert exit_status("--gateway", "second") == 0

    out = capsys.readouterr().out
    assert "second: " in out and "modelled: " not in out


def test_only_the_organisation_that_is_named_gets_its_objects(modelled, model, tenant):
    ours = make_credential(tenant, port=2775, system_id="acme")
    make_credential(make_tenant(modelled), port=2776, system_id="other")

    assert exit_status("--organization", tenant.pk) == 0

    assert list(model.connectors) == [ours.gateway_key]


def test_the_worst_of_all_gateways_is_the_exit_status(modelled, second, capsys):
    lose_key(modelled, "jcli_password")

    assert exit_status() == 1
    assert "modelled: down" in capsys.readouterr().out


def test_without_a_gateway_it_says_how_one_is_added():
    with pytest.raises(CommandError, match="add one with `manage.py gateways add`"):
        call_command("reconcile")


def test_a_gateway_that_there_is_not_or_that_is_off_is_refused(modelled):
    with pytest.raises(CommandError, match="no enabled gateway 'nobody'"):
        call_command("reconcile", "--gateway", "nobody")

    Gateway.objects.update(enabled=False)
    with pytest.raises(CommandError, match="no enabled gateway 'modelled'"):
        call_command("reconcile", "--gateway", "modelled")


def test_it_watches_until_it_is_interrupted(modelled, capsys, monkeypatch, settings):
    settings.RECONCILE_INTERVAL = 7
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(reconcile, "time", SimpleNamespace(sleep=sleep))

    with pytest.raises(KeyboardInterrupt):
        call_command("reconcile", "--watch")

    assert slept == [7, 7, 7]
    assert capsys.readouterr().out.count("modelled: ") == 3
