"""What operators order through the API: a pass over one gateway, or over all."""

from __future__ import annotations

import pytest
from django.test import Client
from kombu.exceptions import OperationalError

from orbit.accounts.models import AuditEvent
from reconciler import tasks
from reconciler.models import Gateway
from tests.factories import make_operator_key

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

PATH = "/v1/messaging/smpp/reconcile"


@pytest.fixture
def operator() -> Client:
    return Client(headers={"X-API-Key": make_operator_key().secret}, raise_request_exception=False)


@pytest.fixture
def queued(monkeypatch) -> list[tuple]:
    """Passes that were queued: gateway, and whether unsafe plans are applied."""
    found: list[tuple] = []
    monkeypatch.setattr(
        tasks.reconcile_gateway,
        "delay",
        lambda pk, *, trigger, force: found.append((pk, trigger, force)),
    )
    return found


@pytest.fixture(autouse=True)
def gateways(db) -> list[Gateway]:
    return [
        Gateway.objects.create(name=name, jcli_host="192.0.2.1", http_url="http://192.0.2.1")
        for name in ("east", "west")
    ]


def order(operator: Client, **body: object):
    return operator.post(PATH, body, content_type="application/json")


def orders() -> list[str]:
    return [each.target for each in AuditEvent.objects.filter(action="gateway.reconcile")]


def test_without_a_name_all_that_are_enabled_get_one(operator, queued, gateways):
    Gateway.objects.create(name="off", jcli_host="x", http_url="http://x", enabled=False)

    answer = order(operator)

    assert (answer.status_code, answer.json()["data"]["gateways"]) == (202, ["east", "west"])
    assert queued == [(each.pk, "api", False) for each in gateways]
    assert orders() == ["east,west"]


@pytest.mark.parametrize("by", ["name", "pk"])
def test_one_is_named_by_its_name_or_id(operator, queued, gateways, by):
    answer = order(operator, gateway=getattr(gateways[1], by), force=True)

    assert (answer.status_code, answer.json()["data"]["gateways"]) == (202, ["west"])
    assert queued == [(gateways[1].pk, "api", True)]


def test_one_that_there_is_not_or_that_is_off_is_refused(operator, queued, gateways):
    Gateway.objects.filter(pk=gateways[1].pk).update(enabled=False)

    for name in ("north", "west"):
        answer = order(operator, gateway=name)
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "VALIDATION_ERROR"
        assert "no enabled gateway of this name" in answer.text

    assert (queued, orders()) == ([], [])


def test_where_the_broker_is_away_nothing_is_said_to_be_queued(operator, monkeypatch):
    def away(*_: object, **__: object) -> None:
        raise OperationalError("redis://:s3cret@redis.internal: connection refused")

    monkeypatch.setattr(tasks.reconcile_gateway, "delay", away)

    answer = order(operator)

    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "GATEWAY_UNAVAILABLE"
    assert "s3cret" not in answer.text
    assert orders() == []
