"""A gateway that is lost: others take over, and it is not trusted when it is back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.credentials.models import CredentialStatus
from orbit.accounts.models import AuditEvent
from reconciler import gateway_probe, placements, tasks
from reconciler.fleet import door, evacuation, modes
from reconciler.gateway_client import readiness
from reconciler.gateway_client.readiness import GatewayDown
from reconciler.health import gateway_health
from reconciler.models import Gateway
from reconciler.result import Ending
from tests.reconciler.fleet.conftest import fill, lane, where
from tests.reconciler.passes import run

pytestmark = pytest.mark.django_db


def lose(gateway: Gateway, seconds: int = 0) -> None:
    """No look has found it up for so long."""
    now = timezone.now()
    Gateway.objects.filter(pk=gateway.pk).update(
        state="down",
        state_reason="HTTP API: no answer",
        shown_by_looks=True,
        looked_at=now,
        away_since=now - timedelta(seconds=seconds),
    )
    gateway.refresh_from_db()


@pytest.fixture
def queued(monkeypatch) -> list[tuple]:
    asked: list[tuple] = []
    for name in ("reconcile_gateway", "evacuate_if_lost"):
        task = getattr(tasks, name)
        monkeypatch.setattr(
            task, "apply_async", lambda args, name=name, **_: asked.append((name, *args))
        )
    return asked


class TestByHand:
    def test_the_others_serve_its_organisations_at_once(self, first, other, other_jasmin, by):
        organizations = fill(first, 3)
        lose(first)

        found = evacuation.evacuate(first, by=by, why="by hand")

        assert str(found) == "3 organisation(s) taken over (3 to second)"
        assert {where(each) for each in organizations} == {("second", "")}
        assert {placements.serving(each.pk) for each in organizations} == {other}
        assert set(CredentialStatus.objects.values_list("bind_state", flat=True)) == {"unknown"}
        run(other)
        assert len(other_jasmin.connectors) == 3
        assert set(CredentialStatus.objects.values_list("bind_state", flat=True)) == {"bound"}
        first.refresh_from_db()
        assert (first.mode, first.closed) == ("lost", True)

    def test_one_that_is_up_is_to_be_drained(self, first, other, by):
        with pytest.raises(evacuation.StillThere, match="drain it"):
            evacuation.evacuate(first, by=by, why="by hand")

        evacuation.evacuate(first, by=by, why="by hand", force=True)
        assert first.mode == "lost"

    def test_what_was_on_its_way_stays_where_it_is_served_or_where_it_goes(self, first, other, by):
        (going,), (coming,) = fill(first, 1), fill(other, 1)
        placements.move(going, other)
        placements.move(coming, first)
        lose(first)

        evacuation.evacuate(first, by=by, why="by hand")

        assert (where(going), where(coming)) == (("second", ""), ("second", ""))

    def test_those_for_which_there_is_no_room_follow_when_there_is(
        self, first, other, by, settings, queued
    ):
        settings.GATEWAY_MOST_CONNECTORS = 1
        organizations = fill(first, 2)
        lose(first)
        found = evacuation.evacuate(first, by=by, why="by hand")
        assert (found.moved.total(), len(found.stays)) == (1, 1)

        settings.GATEWAY_MOST_CONNECTORS = 2
        found = evacuation.take_over(first, by=by)

        assert found.moved.total() == 1
        assert {where(each) for each in organizations} == {("second", "")}

    def test_one_that_is_killed_on_the_way_is_finished_by_the_next_pass(
        self, first, other, by, settings, monkeypatch, queued
    ):
        settings.GATEWAY_MOVES_AT_ONCE = 1
        organizations = fill(first, 3)
        lose(first)
        monkeypatch.setattr(readiness, "is_ready", _away)
        take_over, done = evacuation._take_over, []

        def dies(moves, **options):
            if done:
                raise KeyboardInterrupt
            done.append(take_over(moves, **options))

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(evacuation, "_take_over", dies)
            evacuation.evacuate(first, by=by, why="by hand")
        assert sorted(where(each)[0] for each in organizations) == ["modelled"] * 2 + ["second"]

        tasks.reconcile_gateway(first.pk)

        assert {where(each) for each in organizations} == {("second", "")}
        assert queued == [("reconcile_gateway", other.pk, "moves")]

    def test_nothing_is_taken_from_one_that_is_trusted_again(self, first, other, by):
        (organization,) = fill(first, 1)
        lost = Gateway.objects.get(pk=first.pk)
        lost.mode = "lost"

        assert evacuation.take_over(lost, by=by).moved.total() == 0
        assert where(organization) == ("modelled", "")

    def test_the_audit_has_it_for_operators_and_for_each_organisation(self, first, other, by):
        (organization,) = fill(first, 1)
        lose(first)

        evacuation.evacuate(first, by=by, why="by hand")

        assert AuditEvent.objects.get(action="gateway.evacuated").target == "modelled"
        event = AuditEvent.objects.get(action="organization.moved")
        assert (event.organization_id, event.detail) == (
            organization.pk, "from modelled to second (lost)",
        )  # fmt: skip


class TestByItself:
    @pytest.fixture(autouse=True)
    def _on(self, settings):
        settings.GATEWAY_LOST_AFTER = 60

    def test_after_so_long_the_others_take_over(self, first, other, queued):
        (organization,) = fill(first, 1)
        lose(first, 61)

        tasks.evacuate_if_lost(first.pk)

        assert where(organization) == ("second", "")
        assert queued == [("reconcile_gateway", other.pk, "moves")]
        first.refresh_from_db()
        assert first.mode_reason == "not up for 60 s: HTTP API: no answer"

    def test_one_that_is_back_when_its_turn_comes_keeps_all(self, first, other, queued):
        (organization,) = fill(first, 1)
        lose(first, 61)
        Gateway.objects.filter(pk=first.pk).update(state="up", away_since=None)

        tasks.evacuate_if_lost(first.pk)

        assert (where(organization), queued) == (("modelled", ""), [])

    def test_not_before_and_not_unless_it_is_turned_on(self, first, other, settings):
        lose(first, 50)
        assert not evacuation.is_lost(first)
        lose(first, 70)
        assert evacuation.is_lost(first)
        settings.GATEWAY_LOST_AFTER = 0
        assert not evacuation.is_lost(first)

    def test_the_restart_of_an_upgrade_is_no_loss_until_its_time_is_over(self, first, other, by):
        modes.set_mode(first, "draining", by=by, reason=modes.UPGRADE, closed=True)
        lose(first, 61)
        assert not evacuation.is_lost(first)

        begun = timezone.now() - modes.longest_restart()
        Gateway.objects.filter(pk=first.pk).update(mode_since=begun)
        assert evacuation.is_lost(first)

    def test_where_no_other_one_is_up_it_is_we_who_are_cut_off(self, first, other):
        lose(first, 61)
        lose(other, 1)

        assert not evacuation.is_lost(first)

    def test_a_fault_that_only_a_pass_sees_loses_nothing(self, first, other):
        lose(first, 61)
        Gateway.objects.filter(pk=first.pk).update(away_since=None)

        assert not evacuation.is_lost(first)

    def test_a_look_that_finds_it_away_for_too_long_has_it_evacuated(
        self, first, other, queued, monkeypatch
    ):
        lose(first, 61)
        _cut_off(monkeypatch, first)

        gateway_probe.probe(first)

        assert queued == [("evacuate_if_lost", first.pk)]

    def test_looks_with_a_gap_between_them_do_not_add_up(self, first, other, queued, monkeypatch):
        lose(first, 61)
        Gateway.objects.filter(pk=first.pk).update(looked_at=timezone.now() - timedelta(seconds=30))
        _cut_off(monkeypatch, first)

        gateway_probe.probe(first)

        assert queued == []
        first.refresh_from_db()
        assert first.away_since > timezone.now() - timedelta(seconds=10)

    def test_one_process_that_reaches_it_is_enough(self, first, other, queued):
        lose(first, 61)

        gateway_probe.probe_all()  # although another one has just looked

        first.refresh_from_db()
        assert (first.away_since, first.state) == (None, "up")
        assert not evacuation.is_lost(first)


class TestItsReturn:
    @pytest.fixture
    def back(self, first, other, by, queued) -> Gateway:
        """It was lost with two organisations, and answers again."""
        self.organizations = fill(first, 2)
        lose(first)
        evacuation.evacuate(first, by=by, why="by hand")
        Gateway.objects.filter(pk=first.pk).update(state="up", state_reason="")
        first.refresh_from_db()
        return first

    def test_its_process_is_closed_and_what_it_has_not_sent_comes_back(self, back, process):
        tasks.reconcile_gateway(back.pk, "look")

        assert process.told == [("modelled", True, True)]

    def test_the_first_pass_takes_off_it_what_has_moved(self, back, model):
        assert len(model.connectors) == 2

        assert run(back).ending is Ending.APPLIED

        assert (model.groups, model.users, model.connectors) == ({}, {}, {})
        assert run(back).ending is Ending.IN_SYNC

    def test_what_it_never_took_is_said_to_be_so(self, back, process):
        process.known = {"msg_a.1"}

        assert door.untaken({lane(0): ["msg_a.1", "msg_b.1"]}) == {lane(0): {"msg_b.1"}}

    def test_while_it_is_away_nothing_is_said(self, back, process):
        lose(back)

        assert door.untaken({lane(0): ["msg_a.1"]}) == {lane(0): None}
        assert process.told == []

    def test_of_a_gateway_that_takes_messages_nothing_is_asked(self, back, other, process):
        assert door.untaken({lane(1): ["msg_a.1"]}) == {}
        assert process.told == []

    def test_it_gets_organisations_again_only_when_people_trust_it(self, back, by, process):
        assert placements.unfit(back) == "lost"
        evacuation.trust(back, by=by)
        door.keep(back)

        assert placements.unfit(back) == ""
        assert (back.mode, back.closed) == ("active", False)

    def test_it_is_not_trusted_while_it_is_down(self, back, by):
        lose(back)
        with pytest.raises(modes.WrongMode, match="is down"):
            evacuation.trust(back, by=by)

    def test_operators_are_told_and_nobody_misses_it(self, back):
        seen = gateway_health(back)
        assert (seen.ok, seen.degraded) == (True, True)
        assert seen.detail.startswith("lost (by hand), 0 organisation(s) on it")

        lose(back)
        assert gateway_health(back).ok


def _cut_off(monkeypatch, gateway: Gateway) -> None:
    def is_ready(asked: Gateway) -> bool:
        if asked.pk == gateway.pk:
            raise GatewayDown("HTTP API: no answer")
        return True

    monkeypatch.setattr(readiness, "is_ready", is_ready)


def _away(gateway: Gateway) -> bool:
    raise GatewayDown("HTTP API: no answer")
