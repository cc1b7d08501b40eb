"""Which gateway takes an organisation: by its load, its room and the region."""

from __future__ import annotations

import pytest

from reconciler import gateway_loads, placements
from reconciler.gateway_loads import Weight
from reconciler.models import Gateway
from tests.factories import make_organization
from tests.reconciler.conftest import make_credential, make_tenant

pytestmark = pytest.mark.django_db


def make(name: str, **fields) -> Gateway:
    values = {"jcli_host": "192.0.2.1", "http_url": "http://x", "state": "up"} | fields
    return Gateway.objects.create(name=name, **values)


def fill(gateway: Gateway, *throughputs: int | None) -> None:
    organization = make_tenant(gateway)
    for port, throughput in enumerate(throughputs, start=1):
        make_credential(organization, port=port, system_id="acme", throughput=throughput)


def target(weight: Weight, *, region: str = "", but: str = "") -> str:
    load = gateway_loads.room_for(weight, gateway_loads.read(), region=region, but=but)
    return load.gateway.name if load else ""


def test_a_load_is_of_live_credentials_and_one_without_a_limit_counts_as_the_most_there_can_be():
    gateway = make("a")
    fill(gateway, 50, None)

    (load,) = gateway_loads.read()

    assert (load.connectors, load.throughput) == (2, 1050)


def test_by_throughput_a_few_fast_binds_outweigh_many_slow_ones(settings):
    fast, slow = make("fast"), make("slow")
    fill(fast, 1000)
    fill(slow, 10, 10)

    assert placements.place(make_organization().pk) == fast
    settings.GATEWAY_PLACEMENT = "throughput"
    assert placements.place(make_organization().pk) == slow


def test_a_gateway_is_given_no_more_connectors_than_it_may_have(settings):
    settings.GATEWAY_MOST_CONNECTORS = 2
    fill(make("a"), 1)
    assert target(Weight(1, 1)) == "a"
    assert target(Weight(2, 2)) == ""

    settings.GATEWAY_MOST_CONNECTORS = 0
    assert target(Weight(2, 2)) == "a"


@pytest.mark.parametrize(
    "fields", [{"state": "down"}, {"enabled": False}, {"mode": "draining"}, {"mode": "lost"}]
)
def test_nothing_moves_to_a_gateway_that_is_away(fields):
    make("a", **fields)

    assert target(Weight(1, 1)) == ""


def test_a_region_is_kept_to():
    here, there = make("here", region="eu"), make("there", region="us")
    fill(there, 1)

    assert target(Weight(1, 1), region="us") == "there"
    assert target(Weight(1, 1), region="us", but=there.pk) == ""
    assert target(Weight(1, 1)) == "here"
    assert target(Weight(1, 1), but=here.pk) == "there"


def test_a_new_organisation_is_placed_where_something_is_up_if_there_is_anything(settings):
    make("a", state="down")
    full = make("b")
    settings.GATEWAY_MOST_CONNECTORS = 1
    fill(full, 1)

    assert placements.place(make_organization().pk) == full
    Gateway.objects.update(state="down")
    assert placements.place(make_organization().pk).name == "a"
