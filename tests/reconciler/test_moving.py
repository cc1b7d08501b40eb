"""Successors of deleted credentials, and organisations that move, wait for their turn."""

from __future__ import annotations

import pytest
from django.utils import timezone

from messaging.credentials.models import Credential
from orbit.accounts.models import Organization
from reconciler import desired, placements, runs
from reconciler.gateway_client import gateway_console
from reconciler.models import Gateway, Placement
from reconciler.result import Ending
from tests.reconciler.conftest import change, make_credential, make_tenant
from tests.reconciler.model import ModelJasmin
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


@pytest.fixture
def second(modelled: Gateway, model: ModelJasmin, monkeypatch) -> tuple[Gateway, ModelJasmin]:
    """Another gateway, with a Jasmin of its own."""
    other = ModelJasmin()
    gateway = Gateway.objects.create(
        name="second", jcli_host="192.0.2.98", http_url="http://x", epoch=other.epoch
    )
    consoles = {modelled.pk: model.console, gateway.pk: other.console}
    monkeypatch.setattr(gateway_console, "connect", lambda gateway: consoles[gateway.pk]())
    return gateway, other


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
