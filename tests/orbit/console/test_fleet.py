"""The page Fleet: loads and modes of gateways, and the buttons."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from kombu.exceptions import OperationalError

from orbit.accounts.models import AuditEvent
from orbit.console import fleet
from orbit.console.four_eyes.models import Approval
from reconciler import tasks
from reconciler.models import Gateway, Placement
from tests.factories import make_organization
from tests.orbit.console.conftest import last_event
from tests.orbit.console.scenery import build
from tests.reconciler.conftest import make_credential

PAGE = "/admin/console/fleet/"


@pytest.fixture
def main(db) -> Gateway:
    """One that is up; `backup` beside it is down."""
    build(0)
    return Gateway.objects.get(name="main")


@pytest.fixture(autouse=True)
def queued(monkeypatch) -> list[tuple[str, str]]:
    asked: list[tuple[str, str]] = []
    for name in ("tend", "reconcile_gateway"):
        task = getattr(tasks, name)
        monkeypatch.setattr(
            task, "apply_async", lambda args, name=name, **_: asked.append((name, *args))
        )
    return asked


def order(client, gateway: Gateway, mode: str):
    return client.post(f"{PAGE}{gateway.pk}/{mode}/")


def said(answer) -> str:
    return " ".join(str(each) for each in get_messages(answer.wsgi_request))


def test_the_page_shows_each_with_its_load_and_what_may_be_done(administrator, main):
    organization = make_organization()
    Placement.objects.create(organization=organization, gateway=main)
    make_credential(organization, port=1, system_id="acme")

    text = administrator.get(PAGE).text

    assert f"{PAGE}{main.pk}/drain/" in text
    assert f"{PAGE}{Gateway.objects.get(name='backup').pk}/evacuate/" in text
    assert f"{PAGE}{main.pk}/evacuate/" not in text


@pytest.mark.django_db(transaction=True)
def test_a_gateway_is_drained_and_undrained_by_a_task(administrator, queued):
    build(0)
    main = Gateway.objects.get(name="main")

    order(administrator, main, "drain")
    main.refresh_from_db()
    assert (main.mode, main.mode_reason) == ("draining", "in the console")
    assert (last_event().action, last_event().target) == ("gateway.drained", "main")

    order(administrator, main, "undrain")
    main.refresh_from_db()
    assert main.mode == "active"
    assert queued == [("tend", main.pk), ("tend", main.pk)]


@pytest.mark.django_db
def test_one_that_is_up_is_not_evacuated_and_one_that_is_down_not_trusted(administrator, main):
    assert "drain it" in said(order(administrator, main, "evacuate"))
    backup = Gateway.objects.get(name="backup")
    order(administrator, backup, "evacuate")
    backup.refresh_from_db()
    assert (backup.mode, backup.closed) == ("lost", True)

    assert "is down" in said(order(administrator, backup, "activate"))
    Gateway.objects.filter(pk=backup.pk).update(state="up")
    order(administrator, backup, "activate")
    backup.refresh_from_db()
    assert backup.mode == "active"


@pytest.mark.django_db
def test_two_administrators_are_needed_where_the_site_says_so(administrator, main, settings):
    settings.FOUR_EYES = True

    for mode in ("drain", "evacuate"):
        assert "Four eyes" in said(order(administrator, main, mode))
    assert "Four eyes" in said(administrator.post(f"{PAGE}balance/"))

    main.refresh_from_db()
    assert main.mode == "active"
    assert Approval.objects.count() == 3


@pytest.mark.django_db
def test_a_gateway_that_is_lost_in_that_moment_is_not_drained(administrator, main, monkeypatch):
    def lose(**_: object) -> None:
        Gateway.objects.filter(pk=main.pk).update(mode="lost", closed=True)

    monkeypatch.setattr(fleet, "require_second", lose)

    assert "is lost" in said(order(administrator, main, "drain"))
    assert not AuditEvent.objects.filter(action="gateway.drained").exists()


@pytest.mark.django_db
def test_it_takes_an_administrator(operator, main):
    assert order(operator, main, "drain").status_code == 403
    assert operator.post(f"{PAGE}balance/").status_code == 403
    assert "/drain/" not in operator.get(PAGE).text
    assert operator.get(PAGE).status_code == 200


@pytest.mark.django_db
def test_what_is_no_order_is_not_found(administrator, main):
    assert order(administrator, main, "explode").status_code == 404
    assert order(administrator, Gateway(pk="gw_0"), "drain").status_code == 404
    assert administrator.get(f"{PAGE}{main.pk}/drain/").status_code == 405


@pytest.mark.django_db
def test_a_balance_is_planned_first_and_then_started(administrator, main, queued):
    spare = Gateway.objects.create(
        name="spare", jcli_host="127.0.0.1", http_url="http://127.0.0.1:1", state="up"
    )
    for _ in range(4):
        organization = make_organization()
        Placement.objects.create(organization=organization, gateway=main)
        make_credential(organization, port=1, system_id="acme")

    assert "Start these moves" in administrator.get(f"{PAGE}?plan=1").text
    assert "2 organisation(s) move" in said(administrator.post(f"{PAGE}balance/"))

    assert Placement.objects.filter(gateway=spare, leaving=main).count() == 2
    assert queued == [("reconcile_gateway", spare.pk)]
    assert last_event().action == "organization.moved"


@pytest.mark.django_db
def test_a_region_is_set_on_the_page_of_the_placement(administrator, main):
    organization = make_organization()
    Placement.objects.create(organization=organization, gateway=main)
    address = f"/admin/console/placements/{organization.pk}/region/"

    administrator.post(address, {"region": "eu"})
    administrator.post(address, {"region": "x" * 33})

    assert Placement.objects.get(pk=organization.pk).region == "eu"
    assert (last_event().action, last_event().detail) == ("organization.region", "eu")


@pytest.mark.django_db(transaction=True)
def test_an_order_stands_while_the_broker_is_away_and_the_page_says_so(administrator, monkeypatch):
    build(0)
    main = Gateway.objects.get(name="main")

    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("Error 111 connecting to the broker")

    monkeypatch.setattr(tasks.tend, "apply_async", refuse)

    assert "The broker is away" in said(order(administrator, main, "drain"))
    main.refresh_from_db()
    assert main.mode == "draining"
