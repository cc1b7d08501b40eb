"""Successors of deleted credentials, and organisations that move, wait for their turn."""

from __future__ import annotations

import pytest
from django.utils import timezone

from messaging import enqueue
from messaging.credentials.models import Credential
from orbit.accounts.models import Organization
from reconciler import desired, placements, push, runs, tasks
from reconciler.models import Gateway, Placement
from reconciler.result import Ending
from tests.reconciler.conftest import change, make_credential, make_tenant
from tests.reconciler.passes import refuse, run, status, written


@pytest.fixture
def credential(tenant: Organization) -> Credential:
    return make_credential(tenant, port=2775, system_id="acme")


def test_one_made_again_starts_in_the_same_run_once_the_old_one_is_gone(
    modelled, model, tenant, credential
):
    runs.run(modelled, trigger="command")
    change(credential, deleted_at=timezone.now())
    again = make_credential(tenant, port=2775, system_id="acme")
    model.typed.clear()

    runs.run(modelled, trigger="command")

    assert model.connectors.keys() == {again.gateway_key}
    assert model.connectors[again.gateway_key].running
    assert status(again).bind_state == "bound"
    typed = written(model)
    removed = typed.index(f"smppccm -r {credential.gateway_key}")
    assert removed < typed.index(f"smppccm -1 {again.gateway_key}")


def test_a_moved_organisation_is_on_the_new_gateway_before_it_leaves_the_old(
    modelled, model, second, tenant, credential
):
    new, other = second
    run(modelled)
    Placement.objects.filter(organization=tenant).update(gateway=new, leaving=modelled)

    assert run(modelled).ending is Ending.IN_SYNC
    assert model.connectors.keys() == {credential.gateway_key}

    run(new)
    assert other.connectors.keys() == {credential.gateway_key}
    assert model.connectors.keys() == {credential.gateway_key}
    assert Placement.objects.get(organization=tenant).leaving is None

    assert run(modelled).ending is Ending.APPLIED
    assert (model.groups, model.users, model.connectors) == ({}, {}, {})


def test_many_that_moved_away_are_no_mistake(modelled, model, second, tenant):
    for n in range(15):
        make_credential(tenant, port=2000 + n, system_id="acme")
    run(modelled)
    Placement.objects.filter(organization=tenant).update(gateway=second[0], leaving=None)

    assert run(modelled).ending is Ending.APPLIED
    assert model.connectors == {}


def test_an_organisation_that_came_during_a_pass_has_not_arrived_by_it(
    modelled, model, second, tenant, credential, monkeypatch
):
    new, _ = second
    take = desired.take_snapshot

    def moved_meanwhile(gateway: Gateway, **options):
        snapshot = take(gateway, **options)
        Placement.objects.filter(organization=tenant).update(gateway=new, leaving=modelled)
        return snapshot

    with monkeypatch.context() as patch:
        patch.setattr(desired, "take_snapshot", moved_meanwhile)
        run(new)

    assert Placement.objects.get(organization=tenant).leaving == modelled


def test_an_organisation_has_not_arrived_while_something_of_it_fails(
    modelled, model, second, tenant, credential, monkeypatch
):
    new, other = second
    Placement.objects.filter(organization=tenant).update(gateway=new, leaving=modelled)
    refuse(other, monkeypatch, credential.gateway_key)

    run(new)

    assert Placement.objects.get(organization=tenant).leaving == modelled


def test_what_fails_of_one_organisation_holds_up_no_other(
    modelled, model, second, tenant, credential, monkeypatch
):
    new, other = second
    failing = make_tenant(modelled)
    broken = make_credential(failing, port=2776, system_id="other")
    Placement.objects.update(gateway=new, leaving=modelled)
    refuse(other, monkeypatch, broken.gateway_key)

    run(new)

    assert Placement.objects.get(organization=tenant).leaving is None
    assert Placement.objects.get(organization=failing).leaving == modelled


def test_while_it_moves_its_traffic_goes_through_the_gateway_that_has_all_of_it(
    modelled, second, tenant, credential
):
    new, _ = second
    placements.move(tenant, new)
    assert placements.serving(tenant.pk) == modelled

    run(new)
    assert placements.serving(tenant.pk) == new


def test_no_organisation_moves_to_a_gateway_that_is_down(modelled, second, tenant):
    new, _ = second
    Gateway.objects.filter(pk=new.pk).update(state="down", state_reason="no answer")
    new.refresh_from_db()

    with pytest.raises(placements.Unfit, match="second is down: no answer"):
        placements.move(tenant, new)

    assert Placement.objects.get(organization=tenant).gateway == modelled


def test_an_organisation_arrives_once_its_binds_are_up_on_the_new_gateway(
    modelled, second, tenant, credential
):
    new, other = second
    run(modelled)
    placements.move(tenant, new)
    other.binds = False

    run(new)
    assert Placement.objects.get(organization=tenant).leaving == modelled
    assert (status(credential).bind_state, status(credential).gateway_id) == ("bound", modelled.pk)

    other.binds = True
    run(new)
    assert Placement.objects.get(organization=tenant).leaving is None
    assert (status(credential).bind_state, status(credential).gateway_id) == ("bound", new.pk)


def test_a_bind_that_never_comes_up_keeps_no_organisation_for_ever(
    modelled, second, tenant, credential, settings
):
    settings.GATEWAY_MOVE_PATIENCE = 0
    new, other = second
    run(modelled)
    placements.move(tenant, new)
    other.binds = False

    run(new)

    assert Placement.objects.get(organization=tenant).leaving is None


@pytest.mark.parametrize(
    "binds", [{"max_binds": 1}, {"max_binds": 3, "binds": 2}], ids=["one", "not twice as many"]
)
def test_a_carrier_sees_no_more_binds_than_it_allows(modelled, model, second, tenant, binds):
    new, other = second
    credential = make_credential(tenant, port=2775, system_id="acme", **binds)
    run(modelled)
    placements.move(tenant, new)

    run(new)
    assert not other.connectors[credential.gateway_key].running
    assert model.connectors[credential.gateway_key].running
    assert Placement.objects.get(organization=tenant).leaving is None
    assert "(`max_binds`)" in status(credential).bind_error

    run(modelled)
    run(new)
    assert credential.gateway_key not in model.connectors
    assert other.connectors[credential.gateway_key].running
    assert status(credential).bind_state == "bound"


def test_the_push_of_a_move_asks_for_its_end_on_the_old_gateway(
    modelled, model, second, tenant, monkeypatch
):
    new, other = second
    sent = []
    monkeypatch.setattr(enqueue, "send", lambda task, *args, **_: sent.append((task, *args)))
    credential = make_credential(tenant, port=2775, system_id="acme", max_binds=1)
    run(modelled)
    placements.move(tenant, new)

    following = push.run(tenant.pk, 0, wait=0)
    assert (push.PASS, modelled.pk, "moves") in sent
    tasks.reconcile_gateway(modelled.pk, "moves")
    push.run(tenant.pk, following.follow_up, wait=0)

    assert model.connectors == {}
    assert other.connectors[credential.gateway_key].running
