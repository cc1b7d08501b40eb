"""Organisations are placed on gateways, and move."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from reconciler import placements
from reconciler.diff import diff
from reconciler.models import Gateway, Placement
from reconciler.plan import make_plan
from tests.factories import make_organization
from tests.reconciler.conftest import change, make_credential, make_tenant
from tests.reconciler.states import Group, connector, state

pytestmark = pytest.mark.django_db


def make(name: str, **fields) -> Gateway:
    return Gateway.objects.create(name=name, jcli_host="192.0.2.1", http_url="http://x", **fields)


def where(organization) -> Gateway:
    return Placement.objects.get(organization=organization).gateway


def test_without_a_gateway_no_organisation_is_placed():
    organization = make_organization()

    assert placements.place(organization.pk) is None
    assert not Placement.objects.exists()


def test_an_organisation_gets_the_gateway_with_the_fewest_connectors():
    full, empty = make("a"), make("b")
    make_credential(make_tenant(full), port=1, system_id="acme")

    assert placements.place(make_organization().pk) == empty


def test_deleted_credentials_fill_no_gateway():
    first, second = make("a"), make("b")
    for gateway, system_id in ((first, "one"), (first, "two"), (second, "three")):
        make_credential(make_tenant(gateway), port=1, system_id=system_id)
    for credential in first.placements.get_queryset().values_list(
        "organization__credentials", flat=True
    ):
        change_deleted(credential)

    assert placements.place(make_organization().pk) == first


def change_deleted(pk: str) -> None:
    credential = placements.Credential.objects.get(pk=pk)
    change(credential, deleted_at=timezone.now())


def test_of_equal_gateways_the_first_by_name_is_taken():
    make("b"), make("a")

    assert placements.place(make_organization().pk).name == "a"


def test_a_disabled_gateway_gets_no_organisation():
    make("a", enabled=False)
    organization = make_organization()

    assert placements.place(organization.pk) is None
    make("b")
    assert placements.place(organization.pk).name == "b"


def test_a_placed_organisation_keeps_its_gateway():
    organization = make_organization()
    first = make("b")
    placements.place(organization.pk)
    make("a")

    assert placements.place(organization.pk) == first
    assert Placement.objects.count() == 1


def test_those_that_came_before_the_first_gateway_are_placed():
    early = [make_organization() for _ in range(3)]
    gateway = make("a")

    placements.place_all()

    assert {where(organization) for organization in early} == {gateway}


def test_a_move_is_to_the_new_one_and_away_from_the_old():
    old, new = make("a"), make("b")
    organization = make_tenant(old)

    placements.move(organization, new)

    placement = Placement.objects.get()
    assert (placement.gateway, placement.leaving) == (new, old)


def test_a_move_to_where_one_lives_is_none():
    old = make("a")
    organization = make_tenant(old)

    placements.move(organization, old)

    assert Placement.objects.get().leaving is None


def test_a_move_can_be_taken_back():
    old, new = make("a"), make("b")
    organization = make_tenant(old)
    placements.move(organization, new)

    placements.move(organization, old)

    placement = Placement.objects.get()
    assert (placement.gateway, placement.leaving) == (old, None)
    assert placements.serving(organization.pk) == old


def test_one_that_is_sent_on_while_it_moves_leaves_the_gateway_that_serves_it():
    old, new, third = make("a"), make("b"), make("c")
    organization = make_tenant(old)
    placements.move(organization, new)

    placements.move(organization, third)

    placement = Placement.objects.get()
    assert (placement.gateway, placement.leaving) == (third, old)


@pytest.mark.parametrize("mode", ["draining", "lost"])
def test_a_gateway_that_is_drained_or_lost_gets_no_organisation(mode):
    drained, other = make("a", mode=mode), make("b")
    organization = make_tenant(other)

    assert placements.place(make_organization().pk) == other
    with pytest.raises(placements.Unfit):
        placements.move(organization, drained)


def test_where_every_gateway_is_drained_a_new_organisation_waits():
    make("a", mode="draining")
    organization = make_organization()

    assert placements.place(organization.pk) is None
    Gateway.objects.update(mode="active")
    assert placements.place(organization.pk).name == "a"


def test_an_organisation_in_sync_leaves_its_old_gateway_and_others_do_not():
    old, new = make("a"), make("b")
    here, late = make_tenant(old), make_tenant(old)
    placements.move(here, new)
    placements.move(late, new)

    placements.arrive(new, [here])

    assert Placement.objects.get(organization=here).leaving is None
    assert Placement.objects.get(organization=late).leaving == old


def test_one_whose_binds_are_not_up_waits_for_them_for_a_while(settings):
    settings.GATEWAY_MOVE_PATIENCE = 60
    old, new = make("a"), make("b")
    organization = make_tenant(old)
    placements.move(organization, new)

    placements.arrive(new, [organization], unbound={organization.pk})
    assert Placement.objects.get().leaving == old

    Placement.objects.update(moving_since=timezone.now() - timedelta(seconds=61))
    placements.arrive(new, [organization], unbound={organization.pk})
    assert Placement.objects.get().leaving is None


def test_arriving_on_another_gateway_is_no_arrival():
    old, new = make("a"), make("b")
    organization = make_tenant(old)
    placements.move(organization, new)

    placements.arrive(old, [organization])

    assert Placement.objects.get().leaving == old


def test_what_has_moved_to_another_gateway_is_known_and_a_stray_is_not():
    here, there = make("a"), make("b")
    mine, gone = make_tenant(here), make_tenant(there)
    moved = make_credential(gone, port=1, system_id="acme")
    stays = make_credential(mine, port=1, system_id="acme")
    found = state(
        Group(mine.gateway_key),
        Group(gone.gateway_key),
        connector(moved.gateway_key),
        connector(stays.gateway_key),
        connector("obnobody"),
    )

    known = placements.known_elsewhere(here, make_plan(diff(state(), found), found))

    assert known == {gone.gateway_key, moved.gateway_key}
