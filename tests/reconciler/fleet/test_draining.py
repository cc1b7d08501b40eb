"""A gateway that is drained: it gets nothing new, and its organisations go to others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import timezone

from messaging.gateway import Refused
from messaging.messages.models import Message
from orbit.accounts.models import AuditEvent
from reconciler import placements, tasks
from reconciler.fleet import door, draining, modes, relocation
from reconciler.gateway_client.operator_client import GatewayAway
from reconciler.gateway_client.trunks import trunks
from reconciler.models import Gateway, GatewayMode
from tests.factories import make_organization
from tests.messaging.messages.conftest import make_message
from tests.reconciler.conftest import make_credential, make_tenant
from tests.reconciler.fleet.conftest import fill, lane, where
from tests.reconciler.passes import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def said() -> list[str]:
    return []


def drained(gateway: Gateway, by, said: list[str], **options) -> list:
    draining.begin(gateway, by=by)
    options = {"why": "drained", "gapless": False} | options
    stays = draining.move_off(gateway, by=by, tell=said.append, **options)
    modes.close(gateway)
    return stays


def test_its_organisations_are_served_by_the_other_one_and_off_it(
    first, other, model, other_jasmin, by, said
):
    organizations = fill(first, 3)

    assert drained(first, by, said) == []

    assert {where(each) for each in organizations} == {("second", "")}
    assert model.connectors == {}
    assert len(other_jasmin.connectors) == 3
    moved = AuditEvent.objects.filter(action="organization.moved")
    assert {each.detail for each in moved} == {"from modelled to second (drained)"}


def test_they_leave_in_portions(first, other, by, said, settings):
    settings.GATEWAY_MOVES_AT_ONCE = 2
    fill(first, 3)

    drained(first, by, said)

    assert said == [
        "2 of 3 organisation(s) moved off modelled", "3 of 3 organisation(s) moved off modelled",
    ]  # fmt: skip


def test_what_waits_for_its_turn_is_served_meanwhile(first, other, by):
    (organization,) = fill(first, 1)
    draining.begin(first, by=by)

    (trunk,) = trunks(_credentials(organization)).values()

    assert not isinstance(trunk, Refused)


def test_what_no_other_gateway_has_room_for_waits_in_the_queue(first, other, by, said, settings):
    settings.GATEWAY_MOST_CONNECTORS = 1
    here, there = fill(first, 1), fill(other, 1)

    stays = drained(first, by, said)

    assert stays == [(here[0], relocation.NO_ROOM)]
    (trunk,) = trunks(_credentials(here[0])).values()
    assert isinstance(trunk, Refused)
    assert trunk.retryable
    assert trunk.reason == "the gateway is being drained"
    (trunk,) = trunks(_credentials(there[0])).values()
    assert not isinstance(trunk, Refused)


def test_its_process_is_told_once_all_have_left_and_told_again_when_it_is_undrained(
    first, other, by, said, process
):
    fill(first, 1)
    draining.begin(first, by=by)
    door.keep(first)
    assert process.told == []

    draining.move_off(first, by=by, why="drained", gapless=False, tell=said.append)
    modes.close(first)
    assert draining.left(first).is_empty
    assert process.told == [("modelled", True, False)]

    draining.end(first, by=by)
    door.keep(first)
    assert process.told[-1] == ("modelled", False, False)
    first.refresh_from_db()
    assert (first.mode, first.closed, first.told_closed) == ("active", False, False)


def test_a_process_that_could_not_be_told_is_told_by_the_next_pass(first, by, process):
    Gateway.objects.filter(pk=first.pk).update(mode="draining", closed=True, told_closed=True)
    first.refresh_from_db()
    process.error = GatewayAway("connection refused")
    draining.end(first, by=by)
    assert door.keep(first) is None
    first.refresh_from_db()
    assert first.told_closed

    process.error = None
    tasks.reconcile_gateway(first.pk)

    assert process.told == [("modelled", False, False)]


def test_it_is_empty_once_the_outcome_of_all_that_it_has_is_known(first, by, process):
    (organization,) = fill(first, 1)
    row = make_message(organization, status="sending", claimed_at=timezone.now(), lane=lane(0))
    make_message(organization, status="sending", claimed_at=timezone.now(), lane=lane(1))
    process.open = 4
    draining.begin(first, by=by)
    modes.close(first)

    left = draining.left(first)
    assert (left.messages, left.open, left.is_empty) == (1, 4, False)

    process.open = 0
    Message.objects.filter(pk=row.pk).update(status="sent", sent_at=timezone.now())
    assert draining.left(first).is_empty


def test_one_that_does_not_say_what_it_has_is_not_empty(first, by, process):
    draining.begin(first, by=by)
    modes.close(first)
    process.error = GatewayAway("no answer in time")
    assert not draining.left(first).is_empty

    first.capabilities = []  # a stock Jasmin has no way to say it
    first.save()
    assert draining.left(first).is_empty


def test_without_a_person_beat_moves_them_portion_by_portion(
    first, other, by, settings, monkeypatch, model
):
    settings.GATEWAY_MOVES_AT_ONCE = 1
    queued: list[tuple] = []
    monkeypatch.setattr(
        tasks.reconcile_gateway, "apply_async", lambda args, **_: queued.append(args)
    )
    organizations = fill(first, 2)
    draining.begin(first, by=by)

    tasks.reconcile_gateway(first.pk)
    for _ in range(20):
        if not queued:
            break
        tasks.reconcile_gateway(*queued.pop(0))

    assert {where(each) for each in organizations} == {("second", "")}
    assert model.connectors == {}
    first.refresh_from_db()
    assert first.closed


def test_one_whose_new_gateway_goes_down_meanwhile_goes_to_a_third(first, other, by):
    (organization,) = fill(first, 1)
    draining.begin(first, by=by)
    draining.step(first, by=by)
    assert where(organization) == ("second", "modelled")

    Gateway.objects.filter(pk=other.pk).update(state="down")
    Gateway.objects.create(name="third", jcli_host="192.0.2.97", http_url="http://x", state="up")
    draining.step(first, by=by)

    assert where(organization) == ("third", "modelled")
    assert placements.serving(organization.pk) == first


def test_what_beat_has_moved_meanwhile_is_not_moved_again(first, other, by, said, monkeypatch):
    """Beat starts moves too, with a plan of its own, while a person waits for a drain."""
    (organization,) = fill(first, 1)
    draining.begin(first, by=by)
    plan = relocation.plan(first, gapless=False)
    draining.step(first, by=by)
    (move,) = plan.moves
    third = Gateway.objects.create(
        name="third", jcli_host="192.0.2.97", http_url="http://x", state="up"
    )

    relocation.begin([replace(move, target=third)], by=by, why="drained")
    assert where(organization) == ("second", "modelled")

    run(other)
    relocation.begin([replace(move, target=third)], by=by, why="drained")
    assert where(organization) == ("second", "")
    assert AuditEvent.objects.filter(action="organization.moved").count() == 1


def test_without_a_gap_move_only_those_whose_carriers_take_a_second_bind(first, other, by, said):
    (free,) = fill(first, 1)
    single = make_tenant(first)
    make_credential(single, port=2999, system_id="acme", max_binds=1)
    run(first)

    stays = drained(first, by, said, gapless=True)

    assert stays == [(single, relocation.ONE_BIND)]
    assert (where(free), where(single)) == (("second", ""), ("modelled", ""))


def test_a_lost_gateway_is_not_drained_again(first, by):
    Gateway.objects.filter(pk=first.pk).update(mode="lost")
    first.refresh_from_db()

    with pytest.raises(modes.WrongMode):
        draining.begin(first, by=by)


def test_one_that_is_lost_meanwhile_is_not_drained(first, by):
    Gateway.objects.filter(pk=first.pk).update(mode="lost", closed=True)

    with pytest.raises(modes.WrongMode, match="is lost"):
        draining.begin(first, by=by)

    first.refresh_from_db()
    assert (first.mode, first.closed) == ("lost", True)


def test_one_that_is_drained_again_stays_closed(first, other, by, said):
    drained(first, by, said)

    draining.begin(first, by=by, reason="by another person")

    assert (first.mode_reason, first.closed) == ("by another person", True)


def test_one_that_still_serves_what_leaves_it_is_not_closed(first, other, by):
    (organization,) = fill(first, 1)
    draining.begin(first, by=by)
    draining.step(first, by=by)

    modes.close(first)

    (trunk,) = trunks(_credentials(organization)).values()
    assert not isinstance(trunk, Refused)


def test_nothing_leaves_one_that_is_undrained_meanwhile(first, other, by):
    (organization,) = fill(first, 1)
    draining.begin(first, by=by)
    Gateway.objects.filter(pk=first.pk).update(mode="active")

    assert draining.step(first, by=by) == []
    assert where(organization) == ("modelled", "")


def test_only_a_drained_one_is_undrained(first, by):
    with pytest.raises(modes.WrongMode, match="modelled is active, not draining"):
        draining.end(first, by=by)


def test_the_audit_says_who_drained_it_and_why(first, by):
    draining.begin(first, by=by, reason="disk swap")
    draining.begin(first, by=by, reason="disk swap")

    (event,) = AuditEvent.objects.filter(action="gateway.drained")
    assert (event.target, event.detail, event.actor_name) == (
        "modelled", "disk swap", "manage.py gateways",
    )  # fmt: skip
    assert first.mode == GatewayMode.DRAINING


def test_a_new_organisation_is_placed_elsewhere(first, other, by):
    fill(other, 2)
    draining.begin(first, by=by)

    assert placements.place(make_organization().pk) == other


def _credentials(organization) -> list[str]:
    return list(organization.credentials.values_list("pk", flat=True))
