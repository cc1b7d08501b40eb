"""Two modelled gateways, and what the door of each was told."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from orbit.accounts.actors import Actor, command
from orbit.accounts.models import Organization
from reconciler.fleet import door
from reconciler.gateway_client.operator_client import Drained
from reconciler.models import Gateway, GatewayLog, Placement
from tests.reconciler.conftest import make_credential, make_tenant
from tests.reconciler.model import ModelJasmin
from tests.reconciler.passes import run


def lane(number: int) -> str:
    """The log of the first gateway (0), of the other one (1)."""
    return f"{number}" * 32


class Door:
    """Stands in for `OperatorClient`: writes down what it is told, knows the tokens in `known`."""

    told: list[tuple[str, bool, bool]]

    def __init__(self) -> None:
        self.told, self.known, self.open = [], set(), 0
        self.error: Exception | None = None

    def __call__(self, gateway: Gateway) -> Door:
        self.name = gateway.name
        return self

    def drain(
        self, log: str, *, closed: bool, withdraw: bool = False, tokens: Sequence[str] = ()
    ) -> Drained:
        if self.error is not None:
            raise self.error
        self.told.append((self.name, closed, withdraw))
        return Drained(closed, self.open, set(tokens) - self.known)

    def close(self) -> None:
        return


@pytest.fixture
def by() -> Actor:
    return command("gateways")


@pytest.fixture
def process(monkeypatch) -> Door:
    """The door of both gateways."""
    found = Door()
    monkeypatch.setattr(door, "OperatorClient", found)
    return found


@pytest.fixture
def first(modelled: Gateway, model, second, process) -> Gateway:
    """One with a log and a door, that a pass has seen."""
    new, other = second
    model.capabilities = other.capabilities = frozenset({"drain"})
    for number, gateway in enumerate((modelled, new)):
        GatewayLog.objects.create(gateway=gateway, log=lane(number))
        run(gateway)
    modelled.refresh_from_db()
    return modelled


@pytest.fixture
def other(first, second) -> Gateway:
    second[0].refresh_from_db()
    return second[0]


@pytest.fixture
def other_jasmin(second) -> ModelJasmin:
    return second[1]


def fill(gateway: Gateway, count: int, **fields) -> list[Organization]:
    """Organisations with a credential each, bound."""
    found = []
    for number in range(count):
        found.append(make_tenant(gateway))
        make_credential(found[-1], port=2000 + number, system_id="acme", **fields)
    run(gateway)
    return found


def where(organization: Organization) -> tuple[str, str]:
    row = Placement.objects.select_related("gateway", "leaving").get(pk=organization.pk)
    return row.gateway.name, row.leaving.name if row.leaving else ""
