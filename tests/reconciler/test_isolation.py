"""A failure of one organisation is shown where it matters, and delays no other."""

from __future__ import annotations

from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.utils import timezone

from messaging.access.models import Access
from messaging.carriers.models import Carrier
from messaging.carriers.representation import represent
from orbit.accounts.models import Organization
from orbit.console.home import views as home
from orbit.operations.models import Heartbeat
from reconciler.metrics.gateways import GatewayCollector
from reconciler.models import Gateway, RunState
from reconciler.result import Ending
from reconciler.serializers import GatewaySerializer
from reconciler.status import gateway_faults
from tests.reconciler.conftest import change, make_credential, make_tenant
from tests.reconciler.passes import refuse, run, runs, status
from tests.reconciler.routes.rows import give_access, make_carrier

NO = "Failed adding MTRoute, check log for details"


@pytest.fixture
def other(modelled) -> Organization:
    return make_tenant(modelled)


@pytest.fixture
def carriers(tenant: Organization, other: Organization) -> dict[str, Carrier]:
    """Return two carriers of one organisation for France, one of another; both have an access."""
    made = {}
    for name, organization in (("north", tenant), ("south", tenant), ("theirs", other)):
        credential = make_credential(organization, port=2775, system_id=name)
        made[name] = make_carrier(credential, ["FR"])
    for organization in (tenant, other):
        give_access(organization)
    return made


@pytest.fixture
def refused(model, monkeypatch) -> set[str]:
    """Make Jasmin refuse to add and remove the routes of these users."""
    users: set[str] = set()
    add, top = model.add_route, model.top

    def add_route(typed: dict[str, str], filters: dict[str, str]) -> tuple[list[str], bool]:
        if users & {_user(filters[fid]) for fid in typed["filters"].split(";")}:
            return [NO], False
        return add(typed, filters)

    def remove(line: str) -> list[str]:
        if line.startswith("mtrouter -r"):
            way = model.routes[int(line.split()[-1])]
            if users & set(map(_user, way.filters)):
                return [NO]
        return top(line)

    monkeypatch.setattr(model, "add_route", add_route)
    monkeypatch.setattr(model, "top", remove)
    return users


def _user(shown: str) -> str:
    return shown.removeprefix("<U (uid=").removesuffix(")>")


def routed(model, organization: Organization) -> list[str]:
    """Return the cids of the route of the organisation's access."""
    shown = f"<U (uid={organization.gateway_key})>"
    (way,) = [way for way in model.routes.values() if shown in way.filters]
    return list(dict.fromkeys(way.cids))


def ready() -> tuple[int, str, dict]:
    """Return /readyz while a worker and the beat live and probe the gateway."""
    now = timezone.now()
    Gateway.objects.update(looked_at=now)
    every = [queue.name for queue in settings.CELERY_TASK_QUEUES]
    for name, queues in {"worker@here": every, "beat@here": []}.items():
        Heartbeat.objects.update_or_create(name=name, defaults={"queues": queues, "at": now})
    token = "a-token-of-some-length"
    with override_settings(METRICS_TOKEN=token):
        answer = Client(headers={"Authorization": f"Bearer {token}"}).get("/readyz")
    body = answer.json()
    return answer.status_code, body["status"], body["checks"]["gateway.modelled"]


def metric(name: str) -> float:
    """Return the metric's only sample."""
    (value,) = (
        sample.value
        for family in GatewayCollector().collect()
        if family.name == name
        for sample in family.samples
    )
    return value


def sync(name: str) -> tuple[str, str | None]:
    """Return the carrier of that account as the API answers it."""
    said = represent(Carrier.objects.get(credential__system_id=name))["sync"]
    return said["state"], said["error"]


def synced(organization: Organization) -> tuple[str, str]:
    return Access.objects.values_list("sync_state", "sync_error").get(pk=organization.pk)


def test_a_route_that_is_refused_is_told_by_organisation_country_and_carriers(
    modelled, model, tenant, other, carriers, refused
):
    refused.add(tenant.gateway_key)

    result = run(modelled)
    again = run(modelled)

    route = "FR through north carrier, south carrier"
    (order,) = (each["key"] for each in result.changes if each.get("error"))
    told = f"organisation {tenant.name}, access: {route} (route {order}): {NO}"
    assert (result.ending, result.error, again.error) == (Ending.FAILED, told, told)
    first, second = runs()
    assert [(each.state, each.error) for each in (first, second)] == [(RunState.FAILED, told)] * 2
    assert routed(model, other) == [carriers["theirs"].credential.gateway_key]
    assert synced(tenant) == ("error", f"{route}: {NO}")
    assert synced(other) == ("synced", "")
    assert sync("north") == sync("south") == ("error", f"{route}: {NO}")
    assert sync("theirs") == ("synced", None)
    modelled.refresh_from_db()
    assert GatewaySerializer.represent(modelled)["faults"] == [
        {"organization_id": tenant.pk, "error": told}
    ]
    assert ready()[:2] == (200, "degraded")
    assert (ready()[2]["ok"], ready()[2]["degraded"]) == (True, True)
    assert tenant.name not in ready()[2]["detail"]
    listed = StringIO()
    call_command("gateways", "list", stdout=listed)
    assert f"! not as wanted: {told}" in listed.getvalue()
    assert metric("orbit_gateway_faults") == 1
    gateways = next(part for part in home.PARTS if part.name == "gateways")
    assert told in render_to_string(gateways.template, gateways.read())

    refused.clear()
    assert run(modelled).ending is Ending.APPLIED
    modelled.refresh_from_db()
    assert (modelled.faults, metric("orbit_gateway_faults")) == ([], 0)
    assert synced(tenant) == ("synced", "")
    assert {sync(name) for name in carriers} == {("synced", None)}
    assert ready()[2]["degraded"] is False


def test_a_carrier_that_is_switched_off_in_vain_says_so(modelled, model, tenant, carriers, refused):
    run(modelled)
    refused.add(tenant.gateway_key)
    Carrier.objects.filter(pk=carriers["north"].pk).update(enabled=False)

    run(modelled, organization_id=tenant.pk, trigger="push")

    assert carriers["north"].credential.gateway_key in routed(model, tenant)
    assert sync("north") == sync("south") == ("error", f"FR through south carrier: {NO}")
    assert sync("theirs") == ("synced", None)


def test_a_route_that_can_not_be_removed_is_an_error_of_the_access(
    modelled, model, tenant, other, carriers, refused
):
    run(modelled)
    refused.add(tenant.gateway_key)
    Carrier.objects.filter(organization=tenant).update(enabled=False)

    result = run(modelled)

    assert result.error.startswith(f"organisation {tenant.name}, access (route ")
    assert (synced(tenant), synced(other)) == (("error", NO), ("synced", ""))
    assert sync("north") == sync("south") == ("error", NO)


def test_a_connector_that_can_not_be_added_leaves_its_routes_to_the_others(
    modelled, model, tenant, other, carriers, monkeypatch
):
    """Jasmin refuses a route that names it: a switched-off carrier would keep its traffic."""
    run(modelled)
    third = make_credential(tenant, port=2775, system_id="third")
    make_carrier(third, ["FR"])
    Carrier.objects.filter(pk=carriers["north"].pk).update(enabled=False)
    with monkeypatch.context() as broken:
        refuse(model, broken, third.gateway_key)

        result = run(modelled)

        assert result.ending is Ending.FAILED
        assert routed(model, tenant) == [carriers["south"].credential.gateway_key]
        named = f"third@carrier ({third.gateway_key}): the connector could not be added"
        assert synced(tenant) == ("error", f"FR through south carrier, third carrier: {named}")
        assert status(third).sync_error == "Failed adding connector, check log for details"
        assert synced(other) == ("synced", "")

    assert run(modelled).ending is Ending.APPLIED
    assert routed(model, tenant) == [
        carriers["south"].credential.gateway_key,
        third.gateway_key,
    ]
    assert run(modelled).ending is Ending.IN_SYNC


def test_many_connectors_that_can_not_be_added_are_counted_not_listed(
    modelled, model, tenant, carriers, monkeypatch
):
    """Each carrier of the route gets the error: naming all, its size would grow as the square."""
    run(modelled)
    for number in range(20):
        credential = make_credential(tenant, port=2775, system_id=f"more{number}")
        make_carrier(credential, ["FR"])
        refuse(model, monkeypatch, credential.gateway_key)

    run(modelled)

    _, said = synced(tenant)
    assert "and 15 more: the connector could not be added" in said
    assert len(said) < 500


def test_a_connector_that_is_there_though_it_could_not_be_replaced_keeps_its_routes(
    modelled, model, tenant, carriers, monkeypatch
):
    run(modelled)
    north = carriers["north"].credential
    change(north, port=2776)
    Carrier.objects.filter(pk=carriers["south"].pk).update(fallback_order=1, quality=99)
    remove = model._connector
    monkeypatch.setattr(
        model,
        "_connector",
        lambda option, link: ["Failed"] if option == "-r" else remove(option, link),
    )

    assert run(modelled).ending is Ending.FAILED

    assert routed(model, tenant) == [
        carriers["south"].credential.gateway_key,
        north.gateway_key,
    ]


def test_a_pass_of_one_organisation_tells_of_no_other(
    modelled, model, tenant, other, carriers, refused
):
    refused |= {tenant.gateway_key, other.gateway_key}
    run(modelled)

    refused.remove(other.gateway_key)
    run(modelled, organization_id=other.pk, trigger="push")

    modelled.refresh_from_db()
    assert [each["organization_id"] for each in modelled.faults] == [tenant.pk]
    assert (synced(tenant)[0], synced(other)[0]) == ("error", "synced")


def test_a_gateway_on_which_all_fails_keeps_a_few_faults_and_their_number(modelled, model, refused):
    organizations = [make_tenant(modelled) for _ in range(gateway_faults.KEPT + 3)]
    for organization in organizations:
        make_carrier(make_credential(organization, port=2775, system_id="acme"), ["*"])
        give_access(organization)
        refused.add(organization.gateway_key)

    run(modelled)

    modelled.refresh_from_db()
    assert len(modelled.faults) == gateway_faults.KEPT + 1
    assert modelled.faults[-1]["error"] == "and 3 more like these"
