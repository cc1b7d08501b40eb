"""Moving an organisation to another gateway."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.utils import quote
from django.contrib.messages import get_messages

from orbit.accounts.models import Organization
from reconciler.models import Gateway, Placement
from tests.factories import make_organization
from tests.orbit.console.conftest import last_event
from tests.orbit.console.scenery import build


@pytest.fixture
def main(db) -> Gateway:
    build(0)
    return Gateway.objects.get(name="main")


@pytest.fixture
def other(main: Gateway) -> Gateway:
    """Another one that is up."""
    return Gateway.objects.create(
        name="spare", jcli_host="127.0.0.1", http_url="http://127.0.0.1:1", state="up"
    )


@pytest.fixture
def organization(main: Gateway) -> Organization:
    organization = make_organization("Acme Travel")
    Placement.objects.create(organization=organization, gateway=main)
    return organization


def page_of(organization: Organization) -> str:
    return f"/admin/reconciler/placement/{quote(organization.pk)}/change/"


def move(client, organization: Organization, gateway: Gateway):
    address = f"/admin/console/placements/{organization.pk}/move/"
    return client.post(address, {"gateway": gateway.pk})


def placed(organization: Organization) -> tuple[str, str]:
    placement = Placement.objects.select_related("gateway", "leaving").get(pk=organization.pk)
    return placement.gateway.name, placement.leaving.name if placement.leaving else ""


def test_the_page_says_which_gateways_are_fit_and_why_others_are_not(
    administrator, organization, other
):
    Gateway.objects.create(
        name="off", jcli_host="127.0.0.1", http_url="http://127.0.0.1:2", enabled=False
    )
    text = administrator.get(page_of(organization)).text
    assert "it lives here" in text
    assert "unfit: down: Jasmin no longer consumes its queues" in text
    assert "unfit: disabled" in text
    assert text.count("Move it to ") == 1
    assert "Move it to spare" in text


def test_its_number_of_credentials_leads_to_them(administrator, credential, main):
    Placement.objects.create(organization=credential.organization, gateway=main)
    text = administrator.get(page_of(credential.organization)).text
    address = re.search(r'href="(/admin/messaging/credential/[^"]*)">1</a>', text)[1]
    assert administrator.get(address).context["cl"].result_count == 1


def test_it_moves_and_the_audit_says_who_moved_it(administrator, organization, other):
    answer = move(administrator, organization, other)

    assert answer.headers["Location"] == page_of(organization)
    assert placed(organization) == ("spare", "main")
    event = last_event()
    assert (event.action, event.target, event.detail) == (
        "organization.moved", organization.pk, "from main to spare",
    )  # fmt: skip
    assert event.organization_id == organization.pk
    assert event.actor_name == administrator.person.email
    assert "main</a> lets go of it" in administrator.get(page_of(organization)).text


def test_no_organisation_moves_to_an_unfit_gateway(administrator, organization):
    answer = move(administrator, organization, Gateway.objects.get(name="backup"))

    said = " ".join(str(each) for each in get_messages(answer.wsgi_request))
    assert "Not moved: gateway backup is down: Jasmin no longer consumes" in said
    assert placed(organization) == ("main", "")


def test_it_takes_an_administrator(operator, organization, other):
    assert move(operator, organization, other).status_code == 403
    assert (last_event().action, last_event().outcome) == ("organization.moved", "refused")
    assert placed(organization) == ("main", "")
    assert "Move it to" not in operator.get(page_of(organization)).text


def test_an_unknown_gateway_or_a_get_moves_nothing(administrator, organization):
    assert move(administrator, organization, Gateway(pk="gw_0")).status_code == 404
    address = f"/admin/console/placements/{organization.pk}/move/"
    assert administrator.get(address).status_code == 405
    assert placed(organization) == ("main", "")


@pytest.mark.sqlite
def test_no_gateway_has_a_nul_in_its_id(administrator, organization):
    move = f"/admin/console/placements/{organization.pk}/move/"
    for path in (move, "/admin/console/reconcile/order/"):
        assert administrator.post(path, {"gateway": "\0", "mode": "plan"}).status_code == 404
