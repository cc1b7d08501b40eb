"""Gateways are upgraded one after another, each checked; at a failure nothing else is touched."""

from __future__ import annotations

import time

import pytest
from django.utils import timezone

from reconciler.fleet import draining, upgrading
from reconciler.fleet.restart_command import RestartFailed
from reconciler.models import Gateway
from tests.messaging.messages.conftest import make_message
from tests.reconciler.conftest import change, make_credential, make_tenant
from tests.reconciler.fleet.conftest import fill, lane, where
from tests.reconciler.passes import run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick(settings, monkeypatch):
    settings.GATEWAY_DRAIN_TIMEOUT = settings.GATEWAY_RESTART_TIMEOUT = 0.05
    monkeypatch.setattr(upgrading, "LOOK", 0.01)
    monkeypatch.setattr(upgrading, "BINDS_LOOK", 0.01)
    monkeypatch.setattr(upgrading, "BINDS_UP", 0.05)
    monkeypatch.setattr(upgrading, "EPOCH_STEP", 0.0)


@pytest.fixture
def restart(first, other, model, other_jasmin):
    """Starts a model again: another process, with what it had. `seen`: where was what then."""
    jasmins = {first.pk: model, other.pk: other_jasmin}

    class Restart:
        def __init__(self) -> None:
            self.seen: list[tuple[str, str, int]] = []
            self.fails = ""

        def __call__(self, gateway: Gateway) -> None:
            gateway.refresh_from_db()
            count = gateway.placements.count()
            self.seen.append((gateway.name, f"{gateway.mode}, {gateway.closed}", count))
            if self.fails == gateway.name:
                raise RestartFailed("no such unit")
            jasmins[gateway.pk].epoch += " again"

    return Restart()


def upgrade(first, other, restart, by) -> list[str]:
    said: list[str] = []
    upgrading.upgrade([first, other], restart, by=by, tell=said.append)
    return said


def test_each_is_empty_and_closed_when_it_is_started_again_and_active_after_it(
    first, other, restart, by
):
    organizations = fill(first, 2) + fill(other, 1)

    said = upgrade(first, other, restart, by)

    assert restart.seen == [("modelled", "draining, True", 0), ("second", "draining, True", 0)]
    assert set(Gateway.objects.values_list("mode", "closed")) == {("active", False)}
    assert {where(each) for each in organizations} == {("modelled", "")}
    assert "in sync and checked" in said[-1]


def test_a_process_is_known_for_a_new_one_within_the_second_of_the_old_ones_start(
    first, other, by, model, other_jasmin, monkeypatch
):
    monkeypatch.setattr(upgrading, "EPOCH_STEP", 1.0)
    jasmins = {first.pk: model, other.pk: other_jasmin}

    def start(gateway: Gateway) -> None:
        jasmins[gateway.pk].epoch = str(int(time.time()))  # as Jasmin tells it

    start(first)
    start(other)
    upgrade(first, other, start, by)

    assert set(Gateway.objects.values_list("mode", "closed")) == {("active", False)}


def test_what_can_have_no_second_bind_waits_for_the_restart_in_its_place(
    first, other, restart, by, model
):
    organization = make_tenant(first)
    credential = make_credential(organization, port=2775, system_id="acme", max_binds=1)
    run(first)

    said = upgrade(first, other, restart, by)

    assert restart.seen[0] == ("modelled", "draining, True", 1)
    assert where(organization) == ("modelled", "")
    assert model.connectors[credential.gateway_key].running
    assert any("1 organisation(s) stay on modelled" in line for line in said)


def test_a_restart_that_fails_stops_it_and_says_what_is_where(first, other, restart, by):
    restart.fails = "modelled"

    with pytest.raises(upgrading.Stopped) as stopped:
        upgrade(first, other, restart, by)

    assert "modelled: no such unit. It is draining with 0 organisation(s)" in str(stopped.value)
    assert "not touched: second" in str(stopped.value)
    assert [name for name, *_ in restart.seen] == ["modelled"]
    first.refresh_from_db()
    assert (first.mode, first.mode_reason, first.closed) == ("draining", "upgrade", True)


def test_it_goes_on_where_it_was_stopped(first, other, restart, by):
    restart.fails = "modelled"
    with pytest.raises(upgrading.Stopped):
        upgrade(first, other, restart, by)
    restart.fails = ""

    first.refresh_from_db()
    upgrade(first, other, restart, by)

    assert set(Gateway.objects.values_list("mode", flat=True)) == {"active"}


def test_a_process_that_does_not_come_up_stops_it_and_says_what_was_seen(
    first, other, restart, by, model
):
    def dies(gateway: Gateway) -> None:
        restart(gateway)
        model.dies_at = 0

    with pytest.raises(upgrading.Stopped, match="no new process .*: it closed the connection"):
        upgrade(first, other, dies, by)

    assert [name for name, *_ in restart.seen] == ["modelled"]
    first.refresh_from_db()
    assert (first.mode, first.mode_reason) == ("draining", "upgrade")


def test_one_that_an_upgrade_has_left_down_is_started_again(first, other, restart, by, model):
    def dies(gateway: Gateway) -> None:
        restart(gateway)
        model.dies_at = 0

    with pytest.raises(upgrading.Stopped):
        upgrade(first, other, dies, by)

    def lives(gateway: Gateway) -> None:
        restart(gateway)
        model.dies_at = None

    first.refresh_from_db()
    upgrade(first, other, lives, by)

    assert [name for name, *_ in restart.seen] == ["modelled", "modelled", "second"]
    assert set(Gateway.objects.values_list("mode", "closed")) == {("active", False)}


def test_one_that_is_down_for_another_reason_is_not_touched(first, other, restart, by, model):
    """Its messages could not be waited for."""
    model.dies_at = 0

    with pytest.raises(upgrading.Stopped, match="it closed the connection. It is active"):
        upgrade(first, other, restart, by)

    assert restart.seen == []


def test_a_pass_that_fails_after_the_restart_stops_it(first, other, restart, by, model):
    def dies_soon(gateway: Gateway) -> None:
        restart(gateway)
        model.dies_at = len(model.typed) + 2  # once it has told when it was started

    with pytest.raises(upgrading.Stopped, match="the pass after its restart: .* it closed the"):
        upgrade(first, other, dies_soon, by)

    first.refresh_from_db()
    assert (first.mode, first.closed) == ("draining", True)


def test_a_lost_one_is_to_be_trusted_first(first, other, restart, by):
    Gateway.objects.filter(pk=first.pk).update(mode="lost", closed=True)
    first.refresh_from_db()

    with pytest.raises(upgrading.Stopped, match="it is lost; `gateways activate` it first"):
        upgrade(first, other, restart, by)

    assert restart.seen == []


def test_one_that_is_lost_on_the_way_is_neither_started_again_nor_trusted(
    first, other, restart, by, monkeypatch
):
    def lost(gateway: Gateway, **_) -> list:
        Gateway.objects.filter(pk=gateway.pk).update(mode="lost", closed=True)
        return []

    monkeypatch.setattr(draining, "move_off", lost)

    with pytest.raises(upgrading.Stopped, match="is lost, not active. It is lost with"):
        upgrade(first, other, restart, by)

    assert restart.seen == []


def test_one_that_people_have_drained_before_its_turn_is_not_touched(first, other, restart, by):
    def while_another_is_drained(gateway: Gateway) -> None:
        restart(gateway)
        draining.begin(Gateway.objects.get(pk=other.pk), by=by)

    with pytest.raises(upgrading.Stopped, match="second: people have made it draining meanwhile"):
        upgrade(first, other, while_another_is_drained, by)

    assert [name for name, *_ in restart.seen] == ["modelled"]


def test_one_that_people_undrain_before_its_restart_is_not_started_again(
    first, other, restart, by, monkeypatch
):
    def undrained(gateway: Gateway, *, patience: float) -> draining.Left:
        draining.end(gateway, by=by)
        return draining.Left(organizations=0, moving=0, messages=0, open=0, is_asked=True)

    monkeypatch.setattr(draining, "wait_until_empty", undrained)

    with pytest.raises(upgrading.Stopped, match="undrained it meanwhile. It is active"):
        upgrade(first, other, restart, by)

    assert restart.seen == []


def test_one_that_people_drain_meanwhile_stays_drained(first, other, restart, by):
    def while_it_is_drained(gateway: Gateway) -> None:
        restart(gateway)
        draining.begin(gateway, by=by, reason="in the console")

    with pytest.raises(upgrading.Stopped, match="have made it draining meanwhile .in the console"):
        upgrade(first, other, while_it_is_drained, by)

    first.refresh_from_db()
    assert (first.mode, first.mode_reason) == ("draining", "in the console")


def test_a_process_that_is_the_old_one_still_stops_it(first, other, by):
    with pytest.raises(upgrading.Stopped, match="it is the same process still"):
        upgrade(first, other, lambda gateway: None, by)


def test_binds_that_do_not_come_up_again_stop_it(first, other, restart, by, model):
    make_credential(make_tenant(first), port=2775, system_id="acme", max_binds=1)
    run(first)

    def fails(gateway: Gateway) -> None:
        restart(gateway)
        model.binds = False

    with pytest.raises(upgrading.Stopped, match="1 of 1 binds are not up again"):
        upgrade(first, other, fails, by)


def test_binds_that_people_have_changed_meanwhile_do_not_stop_it(first, other, restart, by, model):
    """Else an organisation could stop the upgrade of all gateways by a PATCH."""
    organizations = [make_tenant(first) for _ in range(4)]
    patched, disabled, deleted, gone = (
        make_credential(each, port=2775 + number, system_id="acme", max_binds=1)
        for number, each in enumerate(organizations)
    )
    run(first)

    def while_people_change_them(gateway: Gateway) -> None:
        restart(gateway)
        model.binds = False
        if gateway == first:
            change(patched, port=2999)
            change(disabled, enabled=False)
            change(deleted, deleted_at=timezone.now())
            gone.delete()

    upgrade(first, other, while_people_change_them, by)

    assert set(Gateway.objects.values_list("mode", flat=True)) == {"active"}


def test_it_is_not_started_again_while_messages_are_under_way_in_it(first, other, restart, by):
    organization = make_tenant(other)
    make_message(organization, status="sending", claimed_at=timezone.now(), lane=lane(0))

    with pytest.raises(upgrading.Stopped, match="not empty after"):
        upgrade(first, other, restart, by)

    assert restart.seen == []
