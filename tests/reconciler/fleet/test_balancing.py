"""Which organisations a balance moves."""

from __future__ import annotations

import pytest

from reconciler.fleet import balancing
from reconciler.models import Gateway, Placement
from tests.reconciler.conftest import make_credential, make_tenant
from tests.reconciler.fleet.conftest import fill, where

pytestmark = pytest.mark.django_db


def make(name: str, *sizes: int, **fields) -> Gateway:
    """With an organisation of each size, in connectors."""
    values = {"jcli_host": "192.0.2.1", "http_url": "http://x", "state": "up"} | fields
    gateway = Gateway.objects.create(name=name, **values)
    for size in sizes:
        organization = make_tenant(gateway)
        for port in range(1, size + 1):
            make_credential(organization, port=port, system_id="acme")
    return gateway


def test_the_fullest_gives_to_the_emptiest_until_they_are_close():
    make("a", 2, 2, 2), make("b"), make("c", 2)

    found = balancing.plan()

    assert found.before == {"a": 6, "b": 0, "c": 2}
    assert found.after == {"a": 4, "b": 2, "c": 2}
    assert [(each.source.name, each.target.name) for each in found.moves] == [("a", "b")]


def test_an_organisation_that_is_larger_than_the_difference_stays():
    make("a", 5), make("b")

    assert balancing.plan().moves == []


def test_a_second_plan_after_the_first_finds_nothing():
    make("a", 1, 3, 1, 4, 1), make("b", 1), make("c")

    for each in balancing.plan().moves:
        Placement.objects.filter(pk=each.organization.pk).update(gateway=each.target)

    assert balancing.plan().moves == []


def test_one_that_wants_another_region_goes_there_first():
    here, there = make("here", 2, 1, region="eu"), make("there", 2, region="us")
    away = Placement.objects.filter(gateway=here).last()
    Placement.objects.filter(pk=away.pk).update(region="us")

    move = balancing.plan().moves[0]

    assert (move.organization.pk, move.source, move.target) == (away.pk, here, there)


def test_none_leaves_the_region_that_it_wants():
    eu, _ = make("a", 2, 2, region="eu"), make("b", region="us")
    Placement.objects.filter(gateway=eu).update(region="eu")

    assert balancing.plan().moves == []


def test_one_whose_carrier_takes_no_second_bind_stays():
    gateway, _ = make("a"), make("b")
    for _ in range(2):
        make_credential(make_tenant(gateway), port=1, system_id="acme", max_binds=1)

    assert balancing.plan().moves == []


def test_a_gateway_that_is_away_gives_and_gets_nothing():
    make("a", 2, 2), make("b", mode="draining"), make("c", state="down")

    assert balancing.plan().moves == []


def test_the_moves_are_made_and_waited_for(first, other, model, other_jasmin, by):
    organizations = fill(first, 4)

    assert balancing.apply(balancing.plan(), by=by)

    assert sorted(where(each) for each in organizations) == [
        ("modelled", ""), ("modelled", ""), ("second", ""), ("second", ""),
    ]  # fmt: skip
    assert (len(model.connectors), len(other_jasmin.connectors)) == (2, 2)
