"""`manage.py gateways` drain, undrain, upgrade, evacuate, activate, balance, region."""

from __future__ import annotations

import sys
from contextlib import nullcontext

import pytest
from django.core.management import CommandError, call_command

from reconciler import lock
from reconciler.management import fleet_actions
from reconciler.models import Gateway, Placement
from tests.reconciler.fleet.conftest import fill, where

pytestmark = pytest.mark.django_db


def gateways(*words: str) -> None:
    call_command("gateways", *words)


def test_drain_moves_all_and_says_so_and_undrain_ends_it(first, other, capsys):
    (organization,) = fill(first, 1)

    gateways("drain", "modelled")

    assert where(organization) == ("second", "")
    out = capsys.readouterr().out
    assert "1 of 1 organisation(s) moved off modelled" in out
    assert "modelled is drained: 0 organisation(s)" in out
    first.refresh_from_db()
    assert (first.mode, first.closed) == ("draining", True)

    gateways("undrain", "modelled")
    first.refresh_from_db()
    assert (first.mode, first.closed) == ("active", False)


def test_drain_names_those_that_stay(first, other, capsys, settings):
    settings.GATEWAY_MOST_CONNECTORS = 1
    settings.GATEWAY_DRAIN_TIMEOUT = 0
    (organization,), _ = fill(first, 1), fill(other, 1)

    gateways("drain", "modelled")

    out = capsys.readouterr().out
    assert f"! {organization.pk} {organization} stays on modelled, its messages wait" in out


def test_of_many_that_stay_some_are_named_and_all_are_counted(
    first, other, capsys, settings, monkeypatch
):
    monkeypatch.setattr(fleet_actions, "SHOWN", 1)
    settings.GATEWAY_MOST_CONNECTORS = 1
    settings.GATEWAY_DRAIN_TIMEOUT = 0
    fill(other, 1)
    fill(first, 3)

    gateways("drain", "modelled")

    out = capsys.readouterr().out
    assert out.count("stays on modelled, its messages wait") == 1
    assert "  ! and 2 more" in out


def test_without_waiting_beat_does_it(first, other, capsys):
    (organization,) = fill(first, 1)

    gateways("drain", "modelled", "--no-wait")

    assert where(organization) == ("modelled", "")
    assert "beat moves its organisations" in capsys.readouterr().out


def test_evacuate_says_what_became_of_all_and_which_setting_ends_what_is_left(
    first, other, other_jasmin, capsys
):
    fill(first, 2)
    Gateway.objects.filter(pk=first.pk).update(state="down", state_reason="no answer")

    gateways("evacuate", "modelled")

    out = capsys.readouterr().out
    assert "modelled is lost: 2 organisation(s) taken over (2 to second)" in out
    assert "second: applied" in out
    assert "GATEWAY_LOG_PATIENCE_HOURS" in out
    assert len(other_jasmin.connectors) == 2

    with pytest.raises(CommandError, match="is down"):
        gateways("activate", "modelled")
    Gateway.objects.filter(pk=first.pk).update(state="up")
    gateways("activate", "modelled")
    first.refresh_from_db()
    assert first.mode == "active"


def test_one_that_is_up_is_evacuated_by_force_alone(first, other):
    with pytest.raises(CommandError, match="drain it, or force it"):
        gateways("evacuate", "modelled")

    gateways("evacuate", "modelled", "--force")
    first.refresh_from_db()
    assert first.mode == "lost"


def test_balance_plans_and_then_moves(first, other, capsys):
    organizations = fill(first, 2)

    gateways("balance", "--plan")
    assert "modelled → second" in capsys.readouterr().out
    assert {where(each) for each in organizations} == {("modelled", "")}

    gateways("balance")
    assert {where(each) for each in organizations} == {("modelled", ""), ("second", "")}
    gateways("balance")
    assert "nothing to balance" in capsys.readouterr().out


def test_upgrade_stops_at_a_command_that_fails_and_says_what_is_where(first, other):
    fails = f"{sys.executable} -c 'import sys; sys.exit(3)'"

    with pytest.raises(CommandError, match="stopped at modelled: the restart command ended"):
        gateways("upgrade", "--restart-command", fails)

    assert sorted(Gateway.objects.values_list("name", "mode")) == [
        ("modelled", "draining"), ("second", "active"),
    ]  # fmt: skip


def test_without_a_command_upgrade_says_which_gateway_a_person_is_to_start(
    first, other, capsys, settings
):
    settings.GATEWAY_RESTART_COMMAND = ""
    settings.GATEWAY_RESTART_TIMEOUT = 0.1

    with pytest.raises(CommandError, match="stopped at second: .* the same process still"):
        gateways("upgrade", "second")

    assert "start second again now: this waits for its new process" in capsys.readouterr().out
    first.refresh_from_db()
    assert first.mode == "active"


def test_two_upgrades_at_once_would_restart_two_gateways(first, other, monkeypatch):
    """A lock of this process would be taken twice on PostgreSQL."""
    monkeypatch.setattr(lock, "held", lambda name: nullcontext(name != "upgrade"))

    with pytest.raises(CommandError, match="another upgrade is running"):
        gateways("upgrade", "--restart-command", "true")

    assert set(Gateway.objects.values_list("mode", flat=True)) == {"active"}


def test_upgrade_leaves_out_what_people_keep_drained(first, other, capsys, settings):
    settings.GATEWAY_RESTART_TIMEOUT = 0.1
    Gateway.objects.filter(pk=first.pk).update(mode="draining")

    with pytest.raises(CommandError, match="stopped at second"):
        gateways("upgrade", "--restart-command", "true")

    assert "modelled is draining: it is left out" in capsys.readouterr().out


def test_a_command_that_cannot_be_read_touches_nothing(first, other):
    with pytest.raises(CommandError, match="can't be read"):
        gateways("upgrade", "--restart-command", "restart 'it")

    assert set(Gateway.objects.values_list("mode", flat=True)) == {"active"}


def test_a_region_is_set_and_a_name_that_there_is_not_is_refused(first, other):
    (organization,) = fill(first, 1)

    gateways("region", organization.pk, "eu")
    assert Placement.objects.get(pk=organization.pk).region == "eu"
    for words in (("drain", "nobody"), ("region", "org_0", "eu")):
        with pytest.raises(CommandError, match="there is no"):
            gateways(*words)


def test_the_list_says_mode_and_region(first, other, capsys):
    Gateway.objects.filter(pk=first.pk).update(region="eu")
    gateways("drain", "modelled")
    gateways("list")

    out = capsys.readouterr().out
    assert "region eu  draining" in out
