"""Rows of carriers and accesses become the routes that Jasmin should have."""

from __future__ import annotations

import random

import pytest

from messaging.credentials.models import Credential
from orbit.accounts.models import Organization
from reconciler import desired
from reconciler.jasmin.route_orders import LISTED, PINNED, UNLISTED
from reconciler.state import Route
from tests.reconciler.conftest import change, make_credential, make_tenant
from tests.reconciler.routes.rows import give_access, make_carrier


@pytest.fixture
def credential(tenant: Organization) -> Credential:
    return make_credential(tenant, port=1, system_id="acme")


@pytest.fixture
def routes(modelled):
    """`routes()`: the wanted routes, by the block of their order."""

    def build() -> dict[int, list[Route]]:
        wanted = desired.build(desired.take_snapshot(modelled)).state.routes
        return {
            block: [route for route in wanted if route.order == block]
            for block in (PINNED, LISTED, UNLISTED)
        }

    return build


def pinned(credential: Credential) -> Route:
    key = credential.gateway_key
    return Route(PINNED, key, "", (key, key))


def test_a_credential_has_a_route_of_its_own_without_any_carrier(routes, credential):
    assert routes() == {PINNED: [pinned(credential)], LISTED: [], UNLISTED: []}


def test_carriers_have_routes_while_the_access_is_on(routes, tenant, credential):
    make_carrier(credential, ["FR"])
    make_carrier(credential, ["*"])
    assert (routes()[LISTED], routes()[UNLISTED]) == ([], [])

    access = give_access(tenant)
    through = (credential.gateway_key,) * 2
    assert [(each.user, each.connectors) for each in routes()[LISTED]] == [
        (tenant.gateway_key, through)
    ]
    assert routes()[UNLISTED] == [Route(UNLISTED, tenant.gateway_key, "", through)]

    access.enabled = False
    access.save()
    assert routes() == {PINNED: [pinned(credential)], LISTED: [], UNLISTED: []}


@pytest.mark.parametrize(
    "off", [{"enabled": False}, {"bind_type": "receiver"}, {"host": "gone.carrier.example"}]
)
def test_a_credential_that_can_not_send_is_in_no_route_of_its_carriers(
    routes, tenant, credential, names, off
):
    give_access(tenant)
    other = make_credential(tenant, port=2, system_id="other")
    names["127.0.0.1"] = ["127.0.0.1"]
    for each in (credential, other):
        make_carrier(each, ["FR"])

    change(credential, **off)

    (route,) = routes()[LISTED]
    assert set(route.connectors) == {other.gateway_key}


def test_a_disabled_carrier_is_in_no_route(routes, tenant, credential):
    give_access(tenant)
    make_carrier(credential, ["FR"], enabled=False)

    assert routes() == {PINNED: [pinned(credential)], LISTED: [], UNLISTED: []}


def test_no_route_of_an_organisation_leads_to_a_connector_of_another(routes, modelled):
    chance, owners = random.Random(3), {}
    for organization in (make_tenant(modelled) for _ in range(4)):
        give_access(organization)
        owners[organization.gateway_key] = organization.pk
        for number in range(3):
            credential = make_credential(organization, port=1, system_id=f"acme{number}")
            owners[credential.gateway_key] = organization.pk
            make_carrier(credential, chance.sample(["FR", "US", "GB"], 2))
            make_carrier(credential, ["*"])

    found = [route for block in routes().values() for route in block]

    assert len(found) > 4 * (3 + 2)
    for route in found:
        assert {owners[cid] for cid in route.connectors} == {owners[route.user]}
